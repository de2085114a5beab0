// Times as people type them: RFC 3339, or `N seconds|minutes|hours|days ago`. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace decklog::cli {

/// A relative time becomes RFC 3339 against `now_us`; anything else (a position, RFC 3339) goes
/// through as it is, for the server to judge. Rejections: `invalid_time` for `… ago` that does not
/// parse.
[[nodiscard]] domain::Decision<std::string> absolute_time(std::string_view text,
                                                          std::int64_t now_us);

/// `365d`, `12h`, `30m`, `45s` in microseconds. Rejections: `invalid_duration`.
[[nodiscard]] domain::Decision<std::int64_t> duration_us(std::string_view text);

}  // namespace decklog::cli
