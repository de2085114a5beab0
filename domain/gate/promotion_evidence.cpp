#include "domain/gate/promotion_evidence.hpp"

#include <cstddef>
#include <vector>

#include "domain/gate/batch_likelihood.hpp"

namespace decklog::domain::gate {

double ln_promotion_evidence(std::span<const Batch> batches, const Mixture& alternatives,
                             double ratio_bad) {
    std::vector<double> products(alternatives.size(), 0);
    for (const Batch& batch : batches) {
        for (std::size_t i = 0; i < alternatives.size(); ++i)
            products[i] += ln_likelihood(batch, alternatives[i].value, ratio_bad);
    }
    return ln_mix(alternatives, products);
}

}  // namespace decklog::domain::gate
