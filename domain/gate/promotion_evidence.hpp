// E_P: evidence that the canary is better than `ratio_bad` times the baseline (null: rho >=
// ratio_bad, 2 by default). It promotes. The plain product: start times have no place here, since
// all data of the watch must speak for the release.
//
// Every required stream has to pass its own test, so no correction for their number is needed (an
// intersection-union test, Berger 1982).
#pragma once

#include <span>

#include "domain/gate/batch.hpp"
#include "domain/gate/log_space.hpp"

namespace decklog::domain::gate {

/// ln E_P after all `batches`, in nats. The alternatives lie below `ratio_bad`, weights sum to 1.
[[nodiscard]] double ln_promotion_evidence(std::span<const Batch> batches,
                                           const Mixture& alternatives, double ratio_bad);

}  // namespace decklog::domain::gate
