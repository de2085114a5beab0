// GET /api/events and GET /api/streams/{stream…}: events by filter, and one aggregate's own.
#include <array>

#include "api/answers.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_filter.hpp"
#include "api/queries/event_list.hpp"
#include "api/queries/native_ids.hpp"
#include "api/routes/routes.hpp"

namespace decklog::api {
namespace {

/// The filters of events without the stream, which the path names.
constexpr std::array<std::string_view, 9> kStreamFilterParams{"type",   "action",   "conversation",
                                                              "actor",  "platform", "account",
                                                              "cohort", "release",  "correlation"};

Answer list_events(const Core& core, Params& params) {
    params.allow({kEventFilterParams, kEventRangeParams, kPageParams, kWaitParams});
    const auto filters = read_event_filters(params);
    if (!filters) return answer_of(filters.error());
    return event_list(core, params, *filters);
}

Answer list_stream(const Core& core, const Request& request, Params& params) {
    params.allow({kStreamFilterParams, kEventRangeParams, kPageParams, kWaitParams});
    auto filters = read_event_filters(params);
    if (!filters) return answer_of(filters.error());
    const auto stream = stream_by_native_id(*core.vault, request.captures.front());
    if (!stream) return answer_of(stream.error());
    const auto version = core.ledger->stream_version({"default", *stream});
    if (!version) return answer_of(version.error());
    for (store::EventFilter& filter : *filters) filter.streams = {*stream};
    return event_list(core, params, *filters, [&](JsonWriter& json) {
        json.field("stream", *stream).key("version").number(*version);
    });
}

Route get(std::string path, Handler handle) {
    Route route;
    route.path = std::move(path);
    route.access = Access::viewer;
    route.takes_query = true;
    route.handle = std::move(handle);
    return route;
}

}  // namespace

std::vector<Route> query_routes(const Core& core) {
    return {get("/api/events", asking(core, AnswersFrom::log,
                                      [&core](const Request&, Params& params) {
                                          return list_events(core, params);
                                      })),
            get("/api/streams/{stream…}",
                asking(core, AnswersFrom::log, [&core](const Request& request, Params& params) {
                    return list_stream(core, request, params);
                }))};
}

}  // namespace decklog::api
