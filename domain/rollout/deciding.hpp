// What the deciders of a rollout have in common: how its events begin, and how a name is refused.
// Pure, any thread.
#pragma once

#include "domain/rollout/rollout.hpp"

namespace decklog::domain {

/// An event of the rollout's stream, of the order's actor, time and request.
[[nodiscard]] NewEvent event_of(EventType type, const RolloutOrder& order, Bytes payload);

/// `invalid_name`.
[[nodiscard]] tl::unexpected<Rejection> not_a_name(const char* field);

}  // namespace decklog::domain
