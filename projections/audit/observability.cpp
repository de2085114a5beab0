#include "projections/audit/observability.hpp"

#include "projections/audit/core_metrics.hpp"
#include "projections/audit/observability_bounds.hpp"
#include "projections/audit/recent.hpp"
#include "projections/audit/signals.hpp"
#include "projections/audit/window_counts.hpp"
#include "projections/counting/pyramid.hpp"
#include "projections/counting/words.hpp"

namespace decklog::projections {

Observability observability(const RowReader& audit_rows, const ObservabilityQuery& query) {
    using audit::clamp;
    const auto limit = [](std::int64_t number, const audit::Bounds& bounds) {
        return static_cast<std::size_t>(clamp(number, bounds));
    };
    Observability answer;
    answer.window_hours = clamp(query.window_hours, audit::kWindowHours);
    const counting::Window window{query.as_of_us - answer.window_hours * counting::kHourMicros};
    const audit::WindowCounts counts(audit_rows, window, audit::Actions::critical);
    const counting::Words words(audit_rows);
    answer.core_metrics = audit::core_metrics(audit_rows, words, counts);
    answer.signals = audit::signals(words, counts, limit(query.signal_limit, audit::kSignalLimit));
    answer.recent_errors =
        audit::recent_errors(audit_rows, limit(query.error_limit, audit::kErrorLimit));
    answer.recent_audit =
        audit::recent_audit(audit_rows, limit(query.audit_limit, audit::kAuditLimit));
    return answer;
}

}  // namespace decklog::projections
