// The snapshot's single numbers: messages, AI replies, dispatches, bookings and reviews of a
// window. Any thread.
#pragma once

#include "projections/audit/observability.hpp"
#include "projections/audit/window_counts.hpp"
#include "projections/counting/words.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::audit {

[[nodiscard]] CoreMetrics core_metrics(const RowReader& rows, const counting::Words& words,
                                       const WindowCounts& counts);

}  // namespace decklog::projections::audit
