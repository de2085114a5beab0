#include "tools/decklog/time_arg.hpp"

#include <charconv>
#include <optional>

#include "domain/time_text.hpp"

namespace decklog::cli {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDaysMax = 36'500;  // a century: keeps every product inside 64 bits

struct Unit {
    std::string_view word;  // singular; the plural adds an s
    std::int64_t micros;
};
constexpr Unit kUnits[] = {{"second", kSecond},
                           {"minute", 60 * kSecond},
                           {"hour", 3600 * kSecond},
                           {"day", 86'400 * kSecond}};

std::optional<std::int64_t> scaled(std::string_view digits, std::int64_t unit) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (count < 0 || count > kDaysMax * 86'400 * kSecond / unit) return std::nullopt;
    return count * unit;
}

}  // namespace

domain::Decision<std::string> absolute_time(std::string_view text, std::int64_t now_us) {
    constexpr std::string_view kAgo = " ago";
    if (!text.ends_with(kAgo)) return std::string(text);
    const std::string_view amount = text.substr(0, text.size() - kAgo.size());
    const auto space = amount.find(' ');
    if (space != std::string_view::npos) {
        std::string_view word = amount.substr(space + 1);
        if (word.ends_with('s')) word.remove_suffix(1);
        for (const Unit& unit : kUnits) {
            if (word != unit.word) continue;
            if (const auto back = scaled(amount.substr(0, space), unit.micros))
                return domain::to_rfc3339(now_us - *back);
        }
    }
    return domain::reject("invalid_time",
                          "'" + std::string(text) + "' is not `N seconds|minutes|hours|days ago`");
}

domain::Decision<std::int64_t> duration_us(std::string_view text) {
    if (const auto length = domain::parse_duration(text)) return *length;
    return domain::reject(
        "invalid_duration",
        "'" + std::string(text) + "' is not a duration such as 365d, 12h, 30m or 45s");
}

}  // namespace decklog::cli
