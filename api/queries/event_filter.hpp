// The filters of `decklog events` as query parameters: /api/events, streams, the live stream and
// /api/audit take the same ones. Filters of one kind are "any of", of different kinds "all of".
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "api/queries/params.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {

inline constexpr std::array<std::string_view, 10> kEventFilterParams{
    "type",     "action",  "stream", "conversation", "actor",
    "platform", "account", "cohort", "release",      "correlation"};
inline constexpr std::array<std::string_view, 4> kEventRangeParams{"from", "to", "since", "until"};

/// Reads and translates the filters; refusals go into the params, a failed vault is an Error.
/// `from` and `to` are positions, each a bound of its partition alone, or times by recorded_at. One
/// filter a partition, by partition, as store::find_in_ledger takes them.
[[nodiscard]] domain::Result<std::vector<store::EventFilter>> read_event_filters(Params& params);

/// The ordinal of the first event of the partition recorded at or after `time_us`; its head when
/// there is none.
[[nodiscard]] domain::Result<std::uint64_t> first_recorded_since(const store::LogReader& log,
                                                                 std::uint32_t partition,
                                                                 std::int64_t time_us);

}  // namespace decklog::api
