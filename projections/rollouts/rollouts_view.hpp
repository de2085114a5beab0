// The rollouts view: where each rollout stands, what each of its sealed checks counted, and, while
// it is open, which units the range at hand has seen. Queries: rollouts_query.hpp.
#pragma once

#include "projections/view.hpp"

namespace decklog::projections {

/// One instance for the process; stateless, any thread.
[[nodiscard]] const View& rollouts_view();

}  // namespace decklog::projections
