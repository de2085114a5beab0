// Time as whole minutes, hours and days (UTC), and how few of them cover a window: what is left of
// an hour is read either as its minutes or as the hour less the others, whichever are fewer. So at
// most 60 minutes, 24 hours, the days between, and the two minutes that the window cuts. Pure, any
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

namespace decklog::projections::counting {

inline constexpr std::int64_t kSecondMicros = 1'000'000;
inline constexpr std::int64_t kMinuteMicros = 60 * kSecondMicros;
inline constexpr std::int64_t kHourMicros = 60 * kMinuteMicros;
inline constexpr std::int64_t kDayMicros = 24 * kHourMicros;

/// Coarse before fine, so that rows in key order read from days down to minutes. Counts are kept by
/// day, hour and minute; seconds are for single moments.
enum class Level : std::uint8_t { day = 1, hour = 2, minute = 3, second = 4 };
inline constexpr std::array kLevels{Level::day, Level::hour, Level::minute};

/// Past every bucket that a time can fall into: a span to here has no upper bound.
inline constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

[[nodiscard]] const char* to_text(Level level);  // day, hour, minute, second
[[nodiscard]] std::int64_t micros_of(Level level);
/// Whole buckets since 1970-01-01 UTC, rounded down.
[[nodiscard]] std::int64_t bucket_of(Level level, std::int64_t time_us);
/// `bucket_of` for minutes. Inline: folding asks several times an event, and knows what it divides
/// by.
[[nodiscard]] constexpr std::int64_t minute_of(std::int64_t time_us) {
    return time_us / kMinuteMicros - (time_us % kMinuteMicros < 0 ? 1 : 0);
}
/// When a bucket begins; saturates.
[[nodiscard]] std::int64_t begin_of(Level level, std::int64_t bucket);

/// [since, until); no `until`: no upper bound.
struct Window {
    std::int64_t since_us = 0;
    std::optional<std::int64_t> until_us{};
    [[nodiscard]] bool holds(std::int64_t time_us) const {
        return time_us >= since_us && (!until_us || time_us < *until_us);
    }
};

/// Whole buckets [first, last) of one level.
struct Span {
    Level level = Level::minute;
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t sign = 1;  // -1: to be taken away from what coarser spans hold too much
    auto operator<=>(const Span&) const = default;
};

/// Every microsecond of the window is in exactly one span or in exactly one cut minute (given by
/// its bucket), and no other one is, when the spans with sign -1 are taken away from the others.
/// `last` of a span may be kForever.
void cover(const Window& window, const std::function<void(const Span&)>& whole,
           const std::function<void(std::int64_t minute)>& cut);

}  // namespace decklog::projections::counting
