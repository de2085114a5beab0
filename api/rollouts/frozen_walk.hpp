// The baseline of a watch that has none beside it: the log is walked back from where the watch
// began, over the last full release (or, at full, over the shadow that was there before), until
// each stream has seen exactly as many units with errors as its policy says; how many units that
// took is its baseline (domain/gate/frozen_baseline.hpp). The same log gives the same answer.
#pragma once

#include <cstdint>
#include <functional>

#include "domain/rollout/rollout.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

/// Walks back from before `state.watch_began_ordinal`, over at most kFrozenEventsMax events of the
/// streams' actions; a stream that has not seen its errors by then has no frozen baseline (0
/// units). `go_on` is asked now and then; false ends it. Errors: stopped, corrupt, io. Memory: 8
/// bytes a distinct unit and some.
[[nodiscard]] domain::Result<std::vector<domain::FreezeBaseline::Stream>> walk_back(
    const store::LogReader& log, const domain::Rollout::State& state,
    const std::function<bool()>& go_on);

inline constexpr std::uint64_t kFrozenEventsMax = 2'000'000;

}  // namespace decklog::api
