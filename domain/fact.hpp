// The decider of facts that nobody may refuse: what a platform or a service says has happened. No
// state, no streams to read, one event; only the limits of one event hold. Chat items, audit
// actions, records and external events go through it.
#pragma once

#include "domain/decider.hpp"
#include "domain/limits.hpp"

namespace decklog::domain {

struct Fact {
    struct State {};
    struct Command {
        NewEvent event;
    };
    static State initial() { return {}; }
    static State evolve(State state, const EventView&) { return state; }
    static std::vector<StreamRef> reads(const Command&) { return {}; }
    /// Rejections: event_too_large (limit), stream_name (field, limit).
    static Decision<void> check(const NewEvent& event);
    /// Rejections: those of `check`.
    static Decision<Events> decide(const Command& command, const State&);
};

/// An intent that appends one event to its own stream.
[[nodiscard]] inline Intent fact(std::string command, NewEvent event) {
    StreamRef home{event.workspace, event.stream};
    return intent<Fact>(std::move(command), std::move(home), Fact::Command{std::move(event)});
}

}  // namespace decklog::domain
