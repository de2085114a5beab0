// POST /api/views/{view}/rebuild: the next build beside the live one, compared, flipped; or back to
// the one before. GET /api/views/{view}/parked and POST …/parked/retry: what could not be folded,
// and folding it again. Long ones answer in progress lines, then the result line `{ok, …}`.
#pragma once

#include <vector>

#include "api/app.hpp"
#include "api/http.hpp"
#include "api/queries/job_source.hpp"
#include "projections/engine.hpp"

namespace decklog::api {

[[nodiscard]] Route rebuild_route(const Core& core);
[[nodiscard]] std::vector<Route> parked_routes(const Core& core);

/// A rebuild as a job that prints progress and result. `core` outlives it.
[[nodiscard]] Answer rebuilding(const Core& core, const std::string& view,
                                projections::Takeover takeover);

}  // namespace decklog::api
