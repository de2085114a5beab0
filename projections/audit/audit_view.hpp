// The audit view: every audited action, message state and booking, counted by what the
// observability snapshot and the audit queries ask for. Whole minutes, hours and days stand as
// packed signed counts, single events as packed entries a minute, so that any window is answered
// exactly and a late event costs only its own minute, hour and day. Queries: observability.hpp and
// audit_query.hpp. Rows: audit_rows.hpp.
#pragma once

#include "projections/view.hpp"

namespace decklog::projections {

/// One instance for the process; stateless, any thread.
[[nodiscard]] const View& audit_view();

}  // namespace decklog::projections
