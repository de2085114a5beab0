#include "domain/ids.hpp"

#include "domain/cursor.hpp"

namespace decklog::domain {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string to_hex(const std::uint8_t* data, std::size_t size) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(size * 2, '0');
    for (std::size_t i = 0; i < size; ++i) {
        text[2 * i] = kDigits[data[i] >> 4U];
        text[2 * i + 1] = kDigits[data[i] & 0x0FU];
    }
    return text;
}

std::optional<Bytes16> bytes16_from_hex(std::string_view hex) {
    if (hex.size() != 32) return std::nullopt;
    Bytes16 bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = hex_value(hex[2 * i]);
        const int low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return bytes;
}

std::string to_text(const EventId& id) {
    std::string hex = to_hex(id.bytes);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) hex.insert(dash, 1, '-');
    return hex;
}

std::optional<EventId> event_id_from_text(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    std::string hex;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) return std::nullopt;
        if (!dash) hex.push_back(text[i]);
    }
    const auto bytes = bytes16_from_hex(hex);
    if (!bytes) return std::nullopt;
    return EventId{*bytes};
}

std::string to_text(const SubjectId& id) { return "p_" + to_hex(id.bytes); }

std::optional<SubjectId> subject_from_text(std::string_view text) {
    if (!text.starts_with("p_")) return std::nullopt;
    const auto bytes = bytes16_from_hex(text.substr(2));
    if (!bytes) return std::nullopt;
    return SubjectId{*bytes};
}

std::string to_text(const TraceId& id) { return to_hex(id.bytes); }

EventId make_event_id(std::int64_t time_us, const std::array<std::uint8_t, 10>& random) {
    EventId id;
    const auto millis = static_cast<std::uint64_t>(time_us / 1000);
    for (unsigned i = 0; i < 6; ++i) {
        id.bytes[i] = static_cast<std::uint8_t>(millis >> (8U * (5U - i)));
    }
    for (std::size_t i = 0; i < random.size(); ++i) id.bytes[6 + i] = random[i];
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x70U);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
    return id;
}

std::string to_cursor(const LedgerId& ledger, Position position) {
    return to_cursor(ledger, std::span(&position, 1));
}

ParsedCursor parse_cursor(std::string_view text, const LedgerId& ledger) {
    const ParsedCursorList parsed = parse_cursor_list(text, ledger);
    if (parsed.error) return {std::nullopt, parsed.error};
    if (parsed.positions.size() > 1) return {std::nullopt, CursorError::malformed};
    return {parsed.positions.front(), std::nullopt};
}

}  // namespace decklog::domain
