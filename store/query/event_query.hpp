// `decklog events` and GET /api/events: filters over the log, answered from the narrowest index
// that one of them names, else by reading frames in order. Filters of one kind are "any of",
// different kinds are "all of". Answers come in the log's order, a page at a time, with memory
// bounded by the page. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/event.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

struct EventFilter {
    /// Type names as EventView::type_name writes them, or the registry's name of a carrier type.
    std::vector<std::string> types;
    /// `none` in cohorts means events without one; `unknown` in platforms, conversations and actors
    /// also means those that name none, since answers show them so.
    std::vector<std::string> actions, streams, conversations, actors, platforms, correlations,
        accounts, cohorts, releases;
    std::optional<domain::Position> from, to;        // inclusive, log order
    std::optional<domain::Position> after;           // a cursor: exclusive, in scan direction
    std::optional<std::int64_t> since_us, until_us;  // occurred_at; inclusive, exclusive
    std::string workspace{};                         // empty: any
    /// Where a stream of `streams` is looked for when `workspace` is empty: streams are known by
    /// workspace and name.
    std::vector<std::string> stream_workspaces{"default"};
};

/// Pure: does one event match, `from` and `to` included? Not `after`, which depends on the
/// direction.
[[nodiscard]] bool matches(const EventFilter& filter, const domain::EventView& event);

struct EventPage {
    std::vector<std::pair<FramePtr, std::uint32_t>> events;  // frame and index in it
    /// Cursor of the last one, when there are more, or when looking further for them would have
    /// taken too long.
    std::optional<domain::Position> next;
};

/// At most `limit` events that were durable at the call, of the partition that `after`, `from` or
/// `to` name (else 0). Ends early once the frames of the page have `bytes_max`, which it exceeds by
/// less than one frame.
[[nodiscard]] domain::Result<EventPage> find_events(
    const LogReader& log, const EventFilter& filter, Order order, std::size_t limit,
    std::size_t bytes_max = std::numeric_limits<std::size_t>::max());

}  // namespace decklog::store
