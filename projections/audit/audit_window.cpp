#include <algorithm>

#include "projections/audit/audit_query.hpp"
#include "projections/counting/pyramid.hpp"

namespace decklog::projections {

std::optional<std::int64_t> window_us_from_text(std::string_view text) {
    constexpr std::int64_t kSecondMicros = 1'000'000;
    constexpr std::int64_t kWindowMicrosMax = 366 * counting::kDayMicros;
    if (text.size() < 2) return std::nullopt;
    const char unit = text.back();
    const std::int64_t micros = unit == 's'   ? kSecondMicros
                                : unit == 'm' ? counting::kMinuteMicros
                                : unit == 'h' ? counting::kHourMicros
                                : unit == 'd' ? counting::kDayMicros
                                              : 0;
    text.remove_suffix(1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (micros == 0 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    std::int64_t number = 0;
    for (const char digit : text) {
        number = number * 10 + (digit - '0');
        if (number > kWindowMicrosMax / micros) return std::nullopt;
    }
    return number == 0 ? std::nullopt : std::optional(number * micros);
}

}  // namespace decklog::projections
