// Every route of the HTTP API, one function a family. `core` outlives the routes. The composition
// root (app.cpp) joins them; tests walk the joined list, so a route that is not here does not
// exist.
#pragma once

#include <vector>

#include "api/app.hpp"
#include "api/http.hpp"

namespace decklog::api {

[[nodiscard]] std::vector<Route> hook_routes(const Core& core);     // /hooks/…
[[nodiscard]] std::vector<Route> probe_routes(const Core& core);    // /health … /metrics
[[nodiscard]] std::vector<Route> token_routes(const Core& core);    // /api/tokens
[[nodiscard]] std::vector<Route> audit_routes(const Core& core);    // /api/audit
[[nodiscard]] std::vector<Route> event_routes(const Core& core);    // POST /api/events
[[nodiscard]] std::vector<Route> query_routes(const Core& core);    // GET /api/events, /api/streams
[[nodiscard]] std::vector<Route> live_routes(const Core& core);     // /api/events/live
[[nodiscard]] std::vector<Route> view_routes(const Core& core);     // /api/views, /api/admin/verify
[[nodiscard]] std::vector<Route> subject_routes(const Core& core);  // /api/subjects/erase
[[nodiscard]] std::vector<Route> room_routes(const Core& core);     // /api/rooms
[[nodiscard]] std::vector<Route> observability_routes(
    const Core& core);                                              // /api/admin/observability
[[nodiscard]] std::vector<Route> level_routes(const Core& core);    // /api/admin/level
[[nodiscard]] std::vector<Route> keeping_routes(const Core& core);  // /api/admin/adopt, backup
[[nodiscard]] std::vector<Route> openapi_routes(const Core& core);  // /api/openapi.json
[[nodiscard]] std::vector<Route> export_routes(const Core& core);   // GET /api/admin/export
[[nodiscard]] std::vector<Route> personal_read_routes(const Core& core);  // between nodes
[[nodiscard]] std::vector<Route> erased_body_routes(const Core& core);    // between nodes
[[nodiscard]] std::vector<Route> import_routes(const Core& core);         // POST /api/import
[[nodiscard]] std::vector<Route> rollout_routes(const Core& core);        // /api/rollouts
[[nodiscard]] std::vector<Route> drill_routes(const Core& core);    // …/commands, drills, runs
[[nodiscard]] std::vector<Route> flagger_routes(const Core& core);  // /api/rollouts/…/flagger
[[nodiscard]] std::vector<Route> gate_replay_routes(const Core& core);  // /api/gate/replay
[[nodiscard]] std::vector<Route> platform_routes(const Core& core);     // /api/admin/platform-…
[[nodiscard]] std::vector<Route> worker_routes(const Core& core);       // /api/workers

}  // namespace decklog::api
