// Which events were the errors of a watch: the links that an explanation has to its evidence. Any
// thread.
#pragma once

#include "domain/gate/explain.hpp"
#include "domain/rollout/rollout.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

inline constexpr std::size_t kErrorEventsMax = 10;

/// Fills `error_ordinals` of each stream whose canary had errors: the newest first, at most
/// kErrorEventsMax, of the rollout's watch up to its last seal. A unit that failed again after it
/// had left is among them. Streams are left without where the log cannot be asked.
void find_error_events(const store::LogReader& log, const domain::Rollout::State& state,
                       domain::gate::Report& report);

}  // namespace decklog::api
