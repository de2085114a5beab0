// How much better one ratio of error rates explains a batch than another: the building block of all
// relative evidence.
//
// rho is the canary's error rate divided by the baseline's. Given that an error happened, it fell
// on the canary with probability q(rho) = rho n_c / (rho n_c + n_s), whatever the rate itself was.
// So
//
//     ln L(rho1 : rho0) = x_c ln(q(rho1) / q(rho0)) + x_s ln((1 - q(rho1)) / (1 - q(rho0)))
//
// is a likelihood ratio that needs no base rate. With A = q1/q0, B = (1-q1)/(1-q0) and Bernoulli
// units E[L] = (1 + p_c(A-1))^n_c (1 + p_s(B-1))^n_s <= exp(n_c p_c (A-1) + n_s p_s (B-1)), and the
// exponent is <= 0 for every p_s when p_c <= rho0 p_s and rho1 > rho0, or p_c >= rho0 p_s and
// rho1 < rho0. Products over batches are therefore supermartingales under the whole one-sided null,
// for any base rate that moves with time and any share of the canary, and Ville's inequality bounds
// the chance that one ever reaches 1/alpha by alpha, however often one looks.
//
// Sources: conditioning of counts as in Lindon and Malek, "Anytime-Valid Inference for Multinomial
// Count Data" (arXiv 2011.03567), and Lindon et al. (arXiv 2205.14762); Ville (1939).
#pragma once

#include "domain/gate/batch.hpp"

namespace decklog::domain::gate {

/// ln L(rho1 : rho0) of one batch, in nats; 0 when an arm attempted nothing. Both ratios > 0.
[[nodiscard]] double ln_likelihood(const Batch& batch, double rho1, double rho0);

}  // namespace decklog::domain::gate
