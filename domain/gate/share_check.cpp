#include "domain/gate/share_check.hpp"

#include <cstddef>
#include <vector>

#include "domain/gate/floor_evidence.hpp"

namespace decklog::domain::gate {

double ln_share_evidence(std::span<const HandledUnits> checks, const Mixture& factors) {
    std::vector<double> products(factors.size(), 0);
    for (const HandledUnits& check : checks) {
        if (!(check.planned_share > 0 && check.planned_share < 1)) continue;
        for (std::size_t i = 0; i < factors.size(); ++i) {
            products[i] += ln_floor_likelihood(check.canary + check.baseline, check.canary,
                                               factors[i].value, check.planned_share);
        }
    }
    return ln_mix(factors, products);
}

}  // namespace decklog::domain::gate
