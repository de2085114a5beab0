#include "projections/baselines/baselines_rows.hpp"

#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::baseline {

std::string to_bytes(const Stream& stream) {
    std::string bytes(1, static_cast<char>(stream.cohort));
    counting::put_ordered(bytes, std::string_view(stream.action));
    counting::put_ordered(bytes, std::string_view(stream.platform));
    return bytes;
}

Stream stream_in(std::string_view packed) {
    RowBytes bytes(packed);
    Stream stream;
    stream.cohort = static_cast<domain::Cohort>(bytes.byte());
    stream.action = counting::ordered_text(bytes);
    stream.platform = counting::ordered_text(bytes);
    return stream;
}

}  // namespace decklog::projections::baseline
