// Every event that matches a filter, for readers of any length (exports): in the log's order, with
// memory bounded by a page, and asked now and then whether to go on, even while nothing matches.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>

#include "store/query/event_query.hpp"
#include "store/query/log_walk.hpp"

namespace decklog::store {

/// Gets the next ordinal to be looked at; false ends the walk.
using WalkPause = std::function<bool(std::uint64_t next_ordinal)>;

/// Visits what matches among the events of `end.partition` before `end`. A filter's `from` and `to`
/// may stand in another partition: all before the one of `from`, and behind the one of `to`, is
/// outside. An empty filter reads straight through. False: `visit` or `pause` ended it.
[[nodiscard]] domain::Result<bool> walk_matches(const LogReader& log, const EventFilter& filter,
                                                domain::Position end, const EventVisit& visit,
                                                const WalkPause& pause);

/// Does every event match?
[[nodiscard]] bool is_everything(const EventFilter& filter);

}  // namespace decklog::store
