#include "domain/cursor.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace decklog::domain {
namespace {

constexpr std::size_t kCursorPrefixDigits = 8;

template <class Integer>
std::optional<Integer> parse_number(std::string_view text) {
    Integer value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string prefix_of(const LedgerId& ledger) {
    return to_hex(ledger.bytes).substr(0, kCursorPrefixDigits);
}

std::optional<Position> parse_position(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto partition = parse_number<std::uint32_t>(text.substr(0, colon));
    const auto ordinal = parse_number<std::uint64_t>(text.substr(colon + 1));
    if (!partition || !ordinal) return std::nullopt;
    return Position{*partition, *ordinal};
}

/// Empty: malformed.
Positions parse_positions(std::string_view text) {
    Positions positions;
    for (bool is_more = true; is_more;) {
        const auto comma = text.find(',');
        is_more = comma != std::string_view::npos;
        const auto position = parse_position(text.substr(0, comma));
        if (!position || position_in(positions, position->partition)) return {};
        set_position(positions, *position);
        if (is_more) text.remove_prefix(comma + 1);
    }
    return positions;
}

Positions::iterator place_of(Positions& positions, std::uint32_t partition) {
    return std::lower_bound(
        positions.begin(), positions.end(), partition,
        [](const Position& position, std::uint32_t wanted) { return position.partition < wanted; });
}

}  // namespace

std::optional<Position> position_in(std::span<const Position> positions, std::uint32_t partition) {
    const auto found = std::find_if(
        positions.begin(), positions.end(),
        [partition](const Position& position) { return position.partition == partition; });
    return found == positions.end() ? std::nullopt : std::optional(*found);
}

void set_position(Positions& positions, Position position) {
    const auto place = place_of(positions, position.partition);
    if (place != positions.end() && place->partition == position.partition) {
        *place = position;
    } else {
        positions.insert(place, position);
    }
}

std::string to_cursor(const LedgerId& ledger, std::span<const Position> positions) {
    std::string text = prefix_of(ledger);
    char separator = '.';
    for (const Position& position : positions) {
        text.push_back(separator);
        text.append(std::to_string(position.partition)).append(":");
        text.append(std::to_string(position.ordinal));
        separator = ',';
    }
    return text;
}

ParsedCursorList parse_cursor_list(std::string_view text, const LedgerId& ledger) {
    if (const auto dot = text.find('.'); dot != std::string_view::npos) {
        const std::string_view prefix = text.substr(0, dot);
        if (prefix.size() != kCursorPrefixDigits ||
            prefix.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
            return {{}, CursorError::malformed};
        }
        if (prefix != prefix_of(ledger)) return {{}, CursorError::other_ledger};
        text.remove_prefix(dot + 1);
    }
    Positions positions = parse_positions(text);
    if (positions.empty()) return {{}, CursorError::malformed};
    return {std::move(positions), std::nullopt};
}

}  // namespace decklog::domain
