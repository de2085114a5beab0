#include "domain/gate/floor_evidence.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

#include "domain/gate/start_times.hpp"

namespace decklog::domain::gate {

double ln_floor_likelihood(double units, double errors, double factor, double floor) {
    const double ln_good = (units - errors) * std::log((1 - factor * floor) / (1 - floor));
    if (errors <= 0) return ln_good;
    return factor > 0 ? errors * std::log(factor) + ln_good : kLnZero;
}

double ln_floor_evidence(const Batch& total, const Mixture& factors, double floor) {
    std::vector<double> terms;
    terms.reserve(factors.size());
    for (const Alternative& factor : factors) {
        terms.push_back(
            ln_floor_likelihood(total.canary_units, total.canary_errors, factor.value, floor));
    }
    return ln_mix(factors, terms);
}

double ln_half_and_half(double ln_promotion, double ln_floor) {
    return ln_add(ln_promotion, ln_floor) - std::log(2.0);
}

RegressionEvidence floor_regression_evidence(std::span<const Batch> batches, const Mixture& factors,
                                             double floor, std::uint32_t horizon) {
    return mixed_over_starts(
        batches.size(), factors, horizon, [&](std::size_t check, double factor) {
            const Batch& batch = batches[check];
            return ln_floor_likelihood(batch.canary_units, batch.canary_errors, factor, floor);
        });
}

}  // namespace decklog::domain::gate
