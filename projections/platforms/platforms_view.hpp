// The platforms view: the accounts that services use with their policies, when each platform was
// last heard of, its errors by the minute, and the last report of every worker. Queries:
// platforms_query.hpp. Rows: platforms_rows.hpp.
#pragma once

#include "projections/view.hpp"

namespace decklog::projections {

/// One instance for the process; stateless, any thread.
[[nodiscard]] const View& platforms_view();

}  // namespace decklog::projections
