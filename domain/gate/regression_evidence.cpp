#include "domain/gate/regression_evidence.hpp"

#include "domain/gate/batch_likelihood.hpp"
#include "domain/gate/start_times.hpp"

namespace decklog::domain::gate {

RegressionEvidence regression_evidence(std::span<const Batch> batches, const Mixture& alternatives,
                                       double ratio_ok, std::uint32_t horizon) {
    return mixed_over_starts(batches.size(), alternatives, horizon,
                             [&](std::size_t check, double ratio) {
                                 return ln_likelihood(batches[check], ratio, ratio_ok);
                             });
}

}  // namespace decklog::domain::gate
