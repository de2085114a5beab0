// The level of the log: which event types may stand in it. A new release writes nothing that an
// older node of the same log could not read until an operator, once every node runs the new build,
// raises the level; it never goes down. Kept in the stream of the ledger itself.
#pragma once

#include <cstdint>
#include <string>

#include "domain/decider.hpp"

namespace decklog::domain {

struct RaiseLevel {
    std::uint32_t level = 0;
    std::uint32_t known_level = 0;  // the highest that this build knows
    std::string stream{};           // of the ledger: `ledger/{partition}`
    Actor actor{};
    std::string recorded_by{};  // authenticated principal
    std::int64_t now_us = 0;
    TraceId trace_id{};
};

struct LogLevel {
    struct State {
        std::uint32_t level = 0;
        bool is_beyond_this_build = false;
    };
    using Command = RaiseLevel;

    static State initial() { return {}; }
    static State evolve(State state, const EventView& event);
    static std::vector<StreamRef> reads(const Command& command);
    /// Rejections: level_unknown (level, the highest known), level_not_lowered (level, the log's),
    /// newer_build. The level that the log has already is accepted with nothing to do.
    static Decision<Events> decide(const Command& command, const State& state);
};

[[nodiscard]] Intent raise_level(RaiseLevel command);

/// The newest level that this build knows: limits::kLogLevel, but of the test build that is one
/// release ahead (tests/next_release). Defined beside the event types, in registry.cpp.
[[nodiscard]] std::uint32_t known_log_level();

/// What one event says of the level; 0: nothing, or bytes that do not check.
[[nodiscard]] std::uint32_t level_said_by(const EventView& event);

}  // namespace decklog::domain
