// Evidence against an absolute error rate, the floor lambda, from the canary alone.
//
// E_F (null: rate >= lambda) is what lets a stream be promoted in which nobody ever fails, the
// "rule of three" as an e-process: with N units and X errors of the canary
//
//     E_F = sum of w f^X ((1 - f lambda) / (1 - lambda))^(N - X),   f < 1, 0^0 = 1.
//
// Per unit the factor's mean is p f + (1 - p)(1 - f lambda)/(1 - lambda), linear in the rate p, 1
// at p = lambda and below 1 above it. "Bad" is then rho >= ratio_bad AND rate >= lambda; under it
// both E_P and E_F are supermartingales, so is half of each.
//
// The same factor with f > 1 has a mean of at most 1 for p <= lambda: evidence that a stream which
// has no baseline at all (`baseline = "floor"`) is above its floor. It restarts like E_R.
#pragma once

#include <cstdint>
#include <span>

#include "domain/gate/batch.hpp"
#include "domain/gate/log_space.hpp"
#include "domain/gate/regression_evidence.hpp"

namespace decklog::domain::gate {

/// ln of f^X ((1 - f lambda)/(1 - lambda))^(N - X); 0 < lambda < 1, 0 <= f lambda < 1. Minus
/// infinity only for f = 0 with an error.
[[nodiscard]] double ln_floor_likelihood(double units, double errors, double factor, double floor);

/// ln E_F of the canary's totals, in nats. Weights sum to 1 and one factor at least is above 0.
[[nodiscard]] double ln_floor_evidence(const Batch& total, const Mixture& factors, double floor);

/// ln((E_P + E_F) / 2).
[[nodiscard]] double ln_half_and_half(double ln_promotion, double ln_floor);

/// Evidence that the canary's rate is above the floor (null: rate <= lambda).
[[nodiscard]] RegressionEvidence floor_regression_evidence(std::span<const Batch> batches,
                                                           const Mixture& factors, double floor,
                                                           std::uint32_t horizon);

}  // namespace decklog::domain::gate
