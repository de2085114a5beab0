// Which partition a workspace lives in: said once, by an event in partition 0, and never changed,
// since all of a workspace's streams have to be in one partition. One stream a workspace. Pure, any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/decider.hpp"

namespace decklog::domain {

/// Everything of decklog's own lives in it, and it in partition 0, without an event that says so.
inline constexpr std::string_view kDefaultWorkspace = "default";

struct PlaceWorkspace {
    std::string workspace;
    std::uint32_t partition = 0;
    Actor actor{"system", "decklog"};
    std::string recorded_by = "decklog";
    std::int64_t now_us = 0;
    TraceId trace_id{};
};

struct Placement {
    struct State {
        std::optional<std::uint32_t> partition;
        bool is_beyond_this_build = false;
    };
    using Command = PlaceWorkspace;

    static State initial() { return {}; }
    static State evolve(State state, const EventView& event);
    static std::vector<StreamRef> reads(const Command& command);
    /// A workspace that has a place, whichever, keeps it: accepted with nothing to do. Rejections:
    /// workspace (1-64 of `[a-z0-9-]`; `default` is never placed), newer_build.
    static Decision<Events> decide(const Command& command, const State& state);
};

/// What one event says of a workspace's place; nullopt: nothing, or bytes that do not check.
struct Placed {
    std::string workspace;
    std::uint32_t partition = 0;
};
[[nodiscard]] std::optional<Placed> placed_by(const EventView& event);

[[nodiscard]] Intent place_workspace(PlaceWorkspace command);

}  // namespace decklog::domain
