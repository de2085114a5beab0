// The stake of every moment at which a regression may begin, and evidence mixed over them
// (regression_evidence.hpp has the formula and why).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "domain/gate/log_space.hpp"
#include "domain/gate/regression_evidence.hpp"

namespace decklog::domain::gate {

/// ln pi_j: half on the first check, the other half spread over the later ones up to the horizon.
/// check >= 1, horizon >= 1.
[[nodiscard]] inline double ln_start_weight(std::uint64_t check, std::uint32_t horizon) {
    if (horizon == 1) return check == 1 ? 0 : kLnZero;
    if (check == 1) return std::log(0.5);
    return check <= horizon ? std::log(0.5 / (horizon - 1)) : kLnZero;
}

/// ln(1 - sum of pi up to this check): what is not staked yet.
[[nodiscard]] inline double ln_not_started(std::uint64_t checks, std::uint32_t horizon) {
    if (checks == 0) return 0;
    if (checks >= horizon) return kLnZero;
    return std::log(0.5 * static_cast<double>(horizon - checks) / (horizon - 1));
}

/// `ln_likelihood(check index, alternative)` of `checks` batches.
template <class LnLikelihood>
[[nodiscard]] RegressionEvidence mixed_over_starts(std::size_t checks, const Mixture& alternatives,
                                                   std::uint32_t horizon,
                                                   const LnLikelihood& ln_likelihood) {
    std::vector<double> plain(alternatives.size(), 0);
    std::vector<double> started(alternatives.size(), kLnZero);
    for (std::size_t j = 0; j < checks; ++j) {
        const double ln_start = ln_start_weight(j + 1, horizon);
        for (std::size_t i = 0; i < alternatives.size(); ++i) {
            const double ln_l = ln_likelihood(j, alternatives[i].value);
            plain[i] += ln_l;
            started[i] = ln_l + ln_add(started[i], ln_start);
        }
    }
    return {ln_mix(alternatives, plain),
            ln_add(ln_mix(alternatives, started), ln_not_started(checks, horizon))};
}

}  // namespace decklog::domain::gate
