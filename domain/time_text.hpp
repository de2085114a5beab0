// Times as people and services write them. Inside, a time is a count of microseconds since
// 1970-01-01 UTC; outside it is RFC 3339. What comes in may carry any offset and up to six
// decimals, more would be lost silently and are refused; what goes out is UTC with six decimals and
// `Z`, so that equal times are equal texts and sort as text. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace decklog::domain {

/// 0001-01-01T00:00:00Z: records may be older than the clock's zero. Before it there is no year
/// that all calendars in use agree on.
inline constexpr std::int64_t kTimeMinMicros = -62'135'596'800'000'000;
/// 9999-12-31T23:59:59.999999Z, the last time that RFC 3339 can name.
inline constexpr std::int64_t kTimeMaxMicros = 253'402'300'799'999'999;

/// `2026-11-25T17:27:36.000000Z`. Times outside the two bounds print as the nearest one.
[[nodiscard]] std::string to_rfc3339(std::int64_t time_us);

/// A full date-time with `Z` or an offset, 0 to 6 decimals, a date that exists, from year 1 to
/// 9999 in UTC. Leap seconds (`:60`) have no place on this time line and are refused. Rejections,
/// all with `field`: time_malformed, time_too_precise (limit 6), time_not_real, time_out_of_range.
/// The message never repeats the text.
[[nodiscard]] Decision<std::int64_t> parse_rfc3339(std::string_view text, std::string_view field);

/// `365d`, `12h`, `30m`, `45s` in microseconds, above 0 and at most a century. Nullopt: it is none.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace decklog::domain
