// The parts of /api/admin about keeping a ledger: each is one route with a body of its own.
#pragma once

#include "api/app.hpp"
#include "api/http.hpp"

namespace decklog::api {

[[nodiscard]] Route adopt_route(const Core& core);   // POST /api/admin/adopt
[[nodiscard]] Route backup_route(const Core& core);  // POST /api/admin/backup

}  // namespace decklog::api
