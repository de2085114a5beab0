// The filters of `decklog events` as query parameters: /api/events, streams, the live stream and
// /api/audit take the same ones. Filters of one kind are "any of", of different kinds "all of".
#pragma once

#include <array>
#include <string_view>

#include "api/queries/params.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {

inline constexpr std::array<std::string_view, 10> kEventFilterParams{
    "type",     "action",  "stream", "conversation", "actor",
    "platform", "account", "cohort", "release",      "correlation"};
inline constexpr std::array<std::string_view, 4> kEventRangeParams{"from", "to", "since", "until"};

/// Reads and translates the filters; refusals go into the params, a failed vault is an Error.
/// `from` and `to` are positions or times by recorded_at.
[[nodiscard]] domain::Result<store::EventFilter> read_event_filter(Params& params);

/// The ordinal of the first event recorded at or after `time_us`; the head when there is none.
[[nodiscard]] domain::Result<std::uint64_t> first_recorded_since(const store::LogReader& log,
                                                                 std::int64_t time_us);

}  // namespace decklog::api
