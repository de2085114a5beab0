// What the operator's process reports of a rollout: commands that it ran, and drills made of them.
// A run is filled command by command and, once a drill stands for it, closed; so a drill is never
// about more than what the log holds. Pure, any thread.
#pragma once

#include "domain/rollout/rollout.hpp"

namespace decklog::domain {

[[nodiscard]] Decision<Events> decide_on(const RecordCommandRan& command,
                                         const Rollout::State& state);
[[nodiscard]] Decision<Events> decide_on(const RecordDrill& command, const Rollout::State& state);

/// False: no payload of these types.
[[nodiscard]] bool on_command_ran(Rollout::State& state, const EventView& event);
[[nodiscard]] bool on_drill(Rollout::State& state, const EventView& event);

/// Kinds of which the last drill of the rollout's release passed.
[[nodiscard]] std::vector<std::string> passed_drills(const Rollout::State& state);

}  // namespace decklog::domain
