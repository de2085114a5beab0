// GET /api/openapi.json: the description of this API, open to all, since it says nothing of what is
// in the log.
#include <string>
#include <utility>

#include "api/answers.hpp"
#include "api/openapi/document.hpp"
#include "api/routes/routes.hpp"

namespace decklog::api {

std::vector<Route> openapi_routes(const Core&) {
    Route route;
    route.path = "/api/openapi.json";
    route.access = Access::open;
    route.handle = [](const Request&, const Reply& reply) {
        reply(json_answer(std::string(openapi_document())));
    };
    return {std::move(route)};
}

}  // namespace decklog::api
