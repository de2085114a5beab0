#include "domain/gate/batch_likelihood.hpp"

#include <cmath>

namespace decklog::domain::gate {

double ln_likelihood(const Batch& batch, double rho1, double rho0) {
    if (!compares(batch)) return 0;
    const double n_c = batch.canary_units;
    const double n_s = batch.baseline_units;
    const double ln_baseline = std::log((rho0 * n_c + n_s) / (rho1 * n_c + n_s));
    const double ln_canary = std::log(rho1 / rho0) + ln_baseline;
    return batch.canary_errors * ln_canary + batch.baseline_errors * ln_baseline;
}

}  // namespace decklog::domain::gate
