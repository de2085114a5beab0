// Whether ingest says what it linked conversations to. Pure, any thread.
#pragma once

#include <boost/json/array.hpp>

#include "tools/decklog/preflight_gate.hpp"

namespace decklog::cli {

/// `linkage-sample`: of the events given (as GET /api/events shows them), newest first, every
/// resolved linkage says which listing was applied, every unresolved one what was tried.
[[nodiscard]] PreflightGate check_linkage(const boost::json::array& events);

}  // namespace decklog::cli
