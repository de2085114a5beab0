// The rooms view: rooms of all platforms, who is in them, and the state of their recent messages.
// Queries: rooms_query.hpp. Rows: rooms_rows.hpp.
#pragma once

#include "projections/view.hpp"

namespace decklog::projections {

/// One instance for the process; stateless, any thread.
[[nodiscard]] const View& rooms_view();

}  // namespace decklog::projections
