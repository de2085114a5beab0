// Is there data at all? What is missing is a sign of its own: a third of the faulty canaries in a
// public data set emitted nothing, and a judge that compares rates passes them. Here no data is a
// reason, never a pass. Pure, any thread.
#pragma once

#include <cstddef>

#include "domain/gate/policy.hpp"
#include "domain/gate/watch.hpp"

namespace decklog::domain::gate {

struct Coverage {
    bool has_canary = false;    // the canary attempted something in this watch
    bool has_baseline = false;  // when the canary last attempted something its baseline did too; or
                                // a frozen baseline exists; or the policy needs none
    bool is_silent = false;     // SilenceRule
    bool has_gap = false;       // more than gap_share of the checks missing, or of the units late
};

/// Silence and gaps are known only against a concurrent baseline, in a canary. Where the planned
/// share is known a canary is missing only in checks in which silence.expected_units were to be
/// expected of it: at low traffic an empty canary is chance.
[[nodiscard]] Coverage coverage_of(const Policy& policy, const Watch& watch, std::size_t stream);

}  // namespace decklog::domain::gate
