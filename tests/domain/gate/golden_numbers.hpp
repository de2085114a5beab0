// The batches whose evidence was worked out by hand and by another program; docs/gate.md prints the
// numbers.
#pragma once

#include <vector>

#include "domain/gate/batch.hpp"
#include "domain/gate/log_space.hpp"

namespace decklog::domain::gate::golden {

inline const Mixture kRegression{{2, 0.4}, {3, 0.3}, {5, 0.2}, {10, 0.1}};
inline const Mixture kPromotion{{1, 0.8}, {0.5, 0.2}};
inline const Mixture kFloor{{0.5, 0.5}, {0.2, 0.3}, {0, 0.2}};
inline const Mixture kShare{{0.8, 0.5}, {0.5, 0.5}};
inline constexpr std::uint32_t kHorizon = 48;

/// Worse in every check: the third one rolls back.
inline const std::vector<Batch> kWorse{{1000, 3, 4000, 4}, {1000, 4, 4000, 5}, {900, 6, 4100, 4}};

inline std::vector<Batch> repeated(const Batch& batch, std::size_t times) {
    return std::vector<Batch>(times, batch);
}

}  // namespace decklog::domain::gate::golden
