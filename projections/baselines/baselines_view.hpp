// The baselines view: which units were attempted and which of them failed, per cohort, action,
// platform and minute. Units are kept as sets, so a unit that fails twice counts once in any window
// that holds both. Query: baselines_query.hpp. Which actions are attempts and which are failures:
// work_table.hpp.
#pragma once

#include "projections/view.hpp"

namespace decklog::projections {

/// One instance for the process; stateless, any thread.
[[nodiscard]] const View& baselines_view();

}  // namespace decklog::projections
