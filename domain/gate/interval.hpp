// An interval for the ratio of error rates that holds at every check at once, with 95 %:
//
//     {rho0 : mean over g of lik(rho_g) / lik(rho0) < 20},  41 log-spaced rho_g in [1/16, 64].
//
// For the true ratio the mean is a martingale that starts at 1, so by Ville's inequality it stays
// below 20 for ever with probability 0.95 (a method-of-mixtures confidence sequence: Robbins 1970;
// Howard, Ramdas, McAuliffe and Sekhon 2021). ln lik is concave in ln rho, so the set is an
// interval.
#pragma once

#include <optional>
#include <span>

#include "domain/gate/batch.hpp"

namespace decklog::domain::gate {

struct RatioInterval {
    double low = 0;                // 0 while the canary has no errors
    std::optional<double> high{};  // none while the baseline has no errors
    bool operator==(const RatioInterval&) const = default;
};

/// Of all batches together; [0, no bound) when no batch compares.
[[nodiscard]] RatioInterval ratio_interval(std::span<const Batch> batches);

}  // namespace decklog::domain::gate
