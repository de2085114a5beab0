#include "ingest/slack/names.hpp"

#include <algorithm>
#include <charconv>

namespace decklog::ingest::slack {
namespace {

constexpr std::size_t kMicrosDigits = 6;
constexpr std::size_t kSecondsDigitsMax = 11;
constexpr std::size_t kTeamIdBytesMin = 9;

std::optional<std::int64_t> digits(std::string_view text) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.front() == '-' || parsed.ec != std::errc{} ||
        parsed.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::int64_t ts_us(std::string_view ts) {
    const std::size_t dot = std::min(ts.find('.'), ts.size());
    const std::string_view fraction =
        dot < ts.size() ? ts.substr(dot + 1) : std::string_view{"000000"};
    const auto seconds = digits(ts.substr(0, dot));
    const auto micros = digits(fraction);
    if (!seconds || !micros || dot > kSecondsDigitsMax || fraction.size() != kMicrosDigits)
        return 0;
    return *seconds * 1'000'000 + *micros;
}

std::optional<Room> room_of(std::string channel_id, std::string_view channel_type,
                            std::string_view title) {
    if (channel_id.empty()) return std::nullopt;
    const bool direct = channel_type == "im" || channel_id.front() == 'D';
    return Room{.native_id = std::move(channel_id),
                .direct = direct,
                .title = std::string(direct ? "" : title)};
}

bool is_team_id(std::string_view text) {
    return text.size() >= kTeamIdBytesMin && (text.front() == 'T' || text.front() == 'E') &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

}  // namespace decklog::ingest::slack
