// GET /api/events/live: server-sent events. Each event's id is its cursor, so that `Last-Event-ID`
// goes on where a broken connection stopped.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "api/answers.hpp"
#include "api/live/live_hub.hpp"
#include "api/queries/event_filter.hpp"
#include "api/routes/routes.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 1> kCursorParam{"cursor"};

/// After the last event that the client saw, else from `from`, else from now on.
std::uint64_t first_ordinal(const Core& core, Params& params, const store::EventFilter& filter) {
    const std::string_view last_seen = params.request().header("last-event-id");
    const auto seen = last_seen.empty() ? params.position("cursor")
                                        : params.parse_position(last_seen, "Last-Event-ID");
    if (seen) return std::max(seen->ordinal, seen->ordinal + 1);  // the last of all has none after
    if (filter.from) return filter.from->ordinal;
    return core.ledger->head(0).next_ordinal;
}

Answer open_stream(const Core& core, LiveHub& hub, const Request& request) {
    Params params(request, core);
    params.allow({kEventFilterParams, kEventRangeParams, kCursorParam});
    auto filter = read_event_filter(params);
    if (!filter) return answer_of(filter.error());
    const std::uint64_t next_ordinal = first_ordinal(core, params, *filter);
    if (params.refusal()) return answer_of(*params.refusal());
    Answer answer;
    answer.content_type = "text/event-stream";
    answer.headers.emplace_back("Cache-Control", "no-store");
    answer.source = hub.open({std::move(*filter), next_ordinal, request.principal});
    return answer;
}

}  // namespace

std::vector<Route> live_routes(const Core& core) {
    const auto hub = std::make_shared<LiveHub>(core);
    Route route;
    route.path = "/api/events/live";
    route.access = Access::viewer;
    route.is_stream = true;
    route.handle = [&core, hub](Request request, Reply reply) {
        core.run_blocking([&core, hub, request = std::move(request), reply = std::move(reply)] {
            reply(open_stream(core, *hub, request));
        });
    };
    return {std::move(route)};
}

}  // namespace decklog::api
