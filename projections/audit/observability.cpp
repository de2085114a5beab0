#include "projections/audit/observability.hpp"

#include "projections/audit/core_metrics.hpp"
#include "projections/audit/observability_bounds.hpp"
#include "projections/audit/observability_merge.hpp"
#include "projections/audit/ranking.hpp"
#include "projections/audit/recent.hpp"
#include "projections/audit/signals.hpp"
#include "projections/audit/window_counts.hpp"
#include "projections/counting/pyramid.hpp"
#include "projections/counting/words.hpp"

namespace decklog::projections {
namespace {

std::size_t limit_of(std::int64_t number, const audit::Bounds& bounds) {
    return static_cast<std::size_t>(audit::clamp(number, bounds));
}

/// `signal_limit`: how long its lists of audited actions may be.
audit::PartitionSnapshot read_partition(const RowReader& rows, std::uint32_t partition,
                                        const counting::Window& window,
                                        const audit::SnapshotLimits& limits,
                                        std::size_t signal_limit) {
    const audit::WindowCounts counts(rows, window, audit::Actions::critical);
    const counting::Words words(rows);
    return {audit::core_metrics(rows, words, counts), audit::signals(words, counts, signal_limit),
            audit::recent_errors(rows, partition, limits.errors),
            audit::recent_audit(rows, partition, limits.audit)};
}

}  // namespace

Observability observability(std::span<const RowReader* const> audit_rows,
                            const ObservabilityQuery& query) {
    const std::int64_t hours = audit::clamp(query.window_hours, audit::kWindowHours);
    const counting::Window window{query.as_of_us - hours * counting::kHourMicros};
    const audit::SnapshotLimits limits{limit_of(query.signal_limit, audit::kSignalLimit),
                                       limit_of(query.error_limit, audit::kErrorLimit),
                                       limit_of(query.audit_limit, audit::kAuditLimit)};
    // One alone is cut while it is read, which reads fewer texts.
    const std::size_t signal_limit = audit_rows.size() == 1 ? limits.signals : audit::kAllRanks;
    std::vector<audit::PartitionSnapshot> partitions;
    for (std::uint32_t partition = 0; partition < audit_rows.size(); ++partition) {
        partitions.push_back(
            read_partition(*audit_rows[partition], partition, window, limits, signal_limit));
    }
    Observability answer = audit::merged(partitions, limits);
    answer.window_hours = hours;
    return answer;
}

Observability observability(const RowReader& audit_rows, const ObservabilityQuery& query) {
    const RowReader* const one = &audit_rows;
    return observability(std::span(&one, 1), query);
}

}  // namespace decklog::projections
