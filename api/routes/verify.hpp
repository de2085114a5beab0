// GET /api/admin/verify: recomputes frames, chain, indexes and where the views stand; progress
// lines, then the result line
// `{ok, …}`.
#pragma once

#include "api/app.hpp"
#include "api/http.hpp"

namespace decklog::api {

[[nodiscard]] Route verify_route(const Core& core);

}  // namespace decklog::api
