// GET /api/audit?by=platform|agent|conversation|action&window=24h, with the filters of `decklog
// events`.
#pragma once

#include "api/app.hpp"
#include "api/http.hpp"

namespace decklog::api {

[[nodiscard]] Route audit_query_route(const Core& core);

}  // namespace decklog::api
