// `decklog events` and GET /api/events: filters over the log, answered from the narrowest index
// that one of them names, else by reading frames in order. Filters of one kind are "any of",
// different kinds are "all of".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

struct EventFilter {
    std::vector<std::string> types, actions, streams, conversations, actors, platforms,
        correlations, accounts, cohorts, releases;
    std::optional<domain::Position> from, to;        // inclusive, log order
    std::optional<domain::Position> after;           // a cursor: exclusive, in scan direction
    std::optional<std::int64_t> since_us, until_us;  // occurred_at; inclusive, exclusive
    std::string workspace{};                         // empty: any
};

/// Pure: does one event match (positions included)?
[[nodiscard]] bool matches(const EventFilter& filter, const domain::EventView& event);

struct EventPage {
    std::vector<std::pair<FramePtr, std::uint32_t>> events;  // frame and index in it
    std::optional<domain::Position> next;  // cursor of the last one, when there may be more
};
[[nodiscard]] domain::Result<EventPage> find_events(const LogReader& log, const EventFilter& filter,
                                                    Order order, std::size_t limit);

}  // namespace decklog::store
