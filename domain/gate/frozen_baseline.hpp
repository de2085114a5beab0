// A baseline that is over: the last full release, or the shadow stage before a canary. The log is
// walked back until exactly K_s errors were seen (fixed by the policy, not by the data); T_s is how
// many units that took. With k errors of the canary in t units
//
//     E = (rho1/rho0)^k ((T_s + rho0 t)/(T_s + rho1 t))^(K_s + k),
//
// the likelihood ratio of the scale-invariant statistic T_s/t, valid at any time (Perez-Ortiz,
// Lardy, de Heide and Grunwald, "E-statistics, group invariance and anytime-valid testing", Annals
// of Statistics 2024). Written out it is the batch likelihood ratio of the one batch (t, k, T_s,
// K_s), so the total takes the place of the batches and nothing else is needed. There are no start
// times in this form.
//
// It cannot cancel what changes with the time of day: a drift of the base rate by 1.5 looks like a
// ratio of 1.5. A concurrent shadow is better wherever there is one.
#pragma once

#include "domain/gate/batch.hpp"

namespace decklog::domain::gate {

struct FrozenBaseline {
    double units = 0;   // T_s; 0: there is none
    double errors = 0;  // K_s
    bool operator==(const FrozenBaseline&) const = default;
};

/// The canary's total of the watch against the frozen baseline, as one batch: for
/// regression_evidence with a horizon of 1, ln_promotion_evidence and ratio_interval.
[[nodiscard]] constexpr Batch against(const FrozenBaseline& frozen, const Batch& total) {
    return {total.canary_units, total.canary_errors, frozen.units, frozen.errors};
}

}  // namespace decklog::domain::gate
