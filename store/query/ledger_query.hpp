// A page of events of a whole ledger, whatever partitions it has: each is asked for its own
// (event_query.hpp), and what they find is merged in the order of recorded_at, partition, ordinal.
// A place in it is a position in every partition, so that from page to page nothing comes twice and
// nothing is missed. Thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "domain/cursor.hpp"
#include "store/query/event_query.hpp"

namespace decklog::store {

struct LedgerPage {
    std::vector<std::pair<FramePtr, std::uint32_t>> events;  // frame and index in it
    bool has_more = false;  // or looking further for them would have taken too long
    domain::Positions begin;
    domain::Positions end;

    /// Where the next page begins when this one is given only up to its `count`-th event. Empty:
    /// there is none.
    [[nodiscard]] domain::Positions next_after(std::size_t count) const;
};

/// At most `limit` events that were durable at the call, of the partitions that `filters` are for:
/// one each, by partition, naming it by a bound unless it is 0 and bare of `after`. `after`: a
/// cursor, exclusive in scan direction.
[[nodiscard]] domain::Result<LedgerPage> find_in_ledger(const LogReader& log,
                                                        std::span<const EventFilter> filters,
                                                        const domain::Positions& after, Order order,
                                                        std::size_t limit);

}  // namespace decklog::store
