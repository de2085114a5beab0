// The time index in log order: its rows are in order of occurred_at, queries answer in the log's.
// One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "store/query/event_query.hpp"
#include "store/query/log_walk.hpp"

namespace decklog::store {

/// Ordinals of the events inside the filter's time window that come next in `stretch`, in scan
/// order, at most `count_max` of them: one pass over the window's index rows, memory for
/// `count_max` ordinals.
[[nodiscard]] domain::Result<std::vector<std::uint64_t>> next_in_window(const LogReader& log,
                                                                        const EventFilter& filter,
                                                                        const Stretch& stretch,
                                                                        Order order,
                                                                        std::size_t count_max);

}  // namespace decklog::store
