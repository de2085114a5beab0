// GET /api/admin/export: the log as NDJSON, whole or by the filters of events.
#include <array>
#include <utility>

#include "api/answers.hpp"
#include "api/exporting/exporter.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_filter.hpp"
#include "api/routes/routes.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 1> kPersonalParam{"personal"};
constexpr std::array<std::string_view, 2> kNoYes{"false", "true"};

Answer export_answer(const Core& core, const Request& request, Params& params) {
    params.allow({kEventFilterParams, kEventRangeParams, kPersonalParam, kWaitParams});
    auto filters = read_event_filters(params);
    if (!filters) return answer_of(filters.error());
    ExportOrder order;
    order.filters = std::move(*filters);
    order.opens_sealed =
        params.word("personal", kNoYes) == "true" && request.principal.opens_sealed();
    order.reader = {request.principal, request.trace};
    if (params.refusal()) return answer_of(*params.refusal());
    return ndjson_answer(export_source(core, export_log(core, std::move(order))));
}

}  // namespace

std::vector<Route> export_routes(const Core& core) {
    Route route;
    route.path = "/api/admin/export";
    route.access = Access::operator_;
    route.takes_query = true;
    route.handle = asking(core, AnswersFrom::log, [&core](const Request& request, Params& params) {
        return export_answer(core, request, params);
    });
    return {std::move(route)};
}

}  // namespace decklog::api
