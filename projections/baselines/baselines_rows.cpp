#include "projections/baselines/baselines_rows.hpp"

#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::baseline {

void put_stream(std::string& out, domain::Cohort cohort, std::string_view action,
                std::string_view platform) {
    out.push_back(static_cast<char>(cohort));
    counting::put_ordered(out, action);
    counting::put_ordered(out, platform);
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
