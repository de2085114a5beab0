// The snapshot's lists: what a window holds by reason, status, platform, agent and conversation,
// most first. Any thread.
#pragma once

#include <cstddef>

#include "projections/audit/observability.hpp"
#include "projections/audit/window_counts.hpp"
#include "projections/counting/words.hpp"

namespace decklog::projections::audit {

/// `limit` holds for the lists of audited actions; the others are whole.
[[nodiscard]] Signals signals(const counting::Words& words, const WindowCounts& counts,
                              std::size_t limit);

}  // namespace decklog::projections::audit
