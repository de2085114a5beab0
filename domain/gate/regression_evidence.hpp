// E_R: evidence that the canary is worse than the baseline (null: rho <= ratio_ok). It rolls back.
//
// A mixture over the ratios of `alternatives`, since nobody knows how much worse. The plain form is
// the product over all batches. The restarting form also mixes over the check at which the
// regression began, so that a late one is not drowned by the good data before it: per alternative
//
//     S <- L_j (S + pi_j),   pi_1 = 1/2, pi_j = 1/2 / (H - 1) for j = 2..H,
//     E_R = sum of w S + (1 - sum of pi so far).
//
// Stakes that did not start yet stay in hand, so this is a mixture of supermartingales and keeps
// the guarantee (compare e-detectors: Shin, Ramdas and Rinaldo, arXiv 2203.03532). It costs at most
// ln 2 against the plain form when the fault is there from the first check.
#pragma once

#include <cstdint>
#include <span>

#include "domain/gate/batch.hpp"
#include "domain/gate/log_space.hpp"

namespace decklog::domain::gate {

struct RegressionEvidence {
    double ln_plain = 0;
    double ln_restarting = 0;
};

/// Evidence after all `batches`, in order, in nats. `horizon` >= 1: checks within which a
/// regression may begin. Weights sum to 1.
[[nodiscard]] RegressionEvidence regression_evidence(std::span<const Batch> batches,
                                                     const Mixture& alternatives, double ratio_ok,
                                                     std::uint32_t horizon);

}  // namespace decklog::domain::gate
