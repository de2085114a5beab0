#include "ingest/unicode.hpp"

namespace decklog::ingest {
namespace {

std::size_t sequence_bytes(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead < 0xE0) return 2;
    if (lead >= 0xE0 && lead < 0xF0) return 3;
    if (lead >= 0xF0 && lead < 0xF5) return 4;
    return 0;
}

}  // namespace

CodePoint code_point_at(std::string_view utf8, std::size_t at) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    const std::size_t bytes = sequence_bytes(lead);
    if (bytes <= 1 || at + bytes > utf8.size()) return {lead, 1};
    std::uint32_t value = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(utf8[at + i]);
        if ((next & 0xC0U) != 0x80) return {lead, 1};
        value = (value << 6U) | (next & 0x3FU);
    }
    return {value, bytes};
}

std::size_t code_points(std::string_view utf8) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < utf8.size(); ++count) at += code_point_at(utf8, at).bytes;
    return count;
}

std::uint32_t code_points_before(std::string_view utf8, std::uint64_t units) {
    std::uint32_t points = 0;
    std::uint64_t seen = 0;
    for (std::size_t at = 0; at < utf8.size() && seen < units; ++points) {
        const CodePoint point = code_point_at(utf8, at);
        seen += point.value >= 0x10000 ? 2 : 1;
        at += point.bytes;
    }
    return points;
}

std::string_view first_code_points(std::string_view utf8, std::size_t points) {
    std::size_t at = 0;
    for (; at < utf8.size() && points > 0; --points) at += code_point_at(utf8, at).bytes;
    return utf8.substr(0, at);
}

}  // namespace decklog::ingest
