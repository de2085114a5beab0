#include "api/routes/keeping.hpp"

#include "api/routes/routes.hpp"

namespace decklog::api {

std::vector<Route> keeping_routes(const Core& core) {
    return {adopt_route(core), backup_route(core)};
}

}  // namespace decklog::api
