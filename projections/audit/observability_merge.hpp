// The observability snapshot of a ledger of several partitions, from what each of them answers.
// Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "projections/audit/observability.hpp"
#include "projections/audit/recent.hpp"

namespace decklog::projections::audit {

/// What one partition answers: its lists of counts are whole, since what is low in each of them may
/// be high in their sum.
struct PartitionSnapshot {
    CoreMetrics core_metrics;
    Signals signals;
    std::vector<Recent> errors;
    std::vector<Recent> audit;
};

struct SnapshotLimits {
    std::size_t signals = 0;
    std::size_t errors = 0;
    std::size_t audit = 0;
};

/// Numbers are added, lists of counts merged key by key, ranked and cut; of equal times the event
/// of the lower partition comes first, and within it the later one.
[[nodiscard]] Observability merged(std::span<const PartitionSnapshot> partitions,
                                   const SnapshotLimits& limits);

}  // namespace decklog::projections::audit
