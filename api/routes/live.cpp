// GET /api/events/live: server-sent events. Each event's id is its cursor, so that `Last-Event-ID`
// goes on where a broken connection stopped.
#include <array>
#include <functional>
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
    params.must_be_reached(seen, last_seen.empty() ? "cursor" : "Last-Event-ID");
    if (seen) return seen->ordinal + 1;
    if (filter.from) return filter.from->ordinal;
    return core.ledger->head(0).next_ordinal;
}

/// What these name is found in the log and in the vault, both of which grow.
bool changes_with_the_log(const Request& request) {
    constexpr std::array<std::string_view, 5> kNames{"conversation", "actor", "stream", "from",
                                                     "to"};
    return std::any_of(kNames.begin(), kNames.end(), [&request](std::string_view name) {
        return request.param(name).has_value();
    });
}

/// Keeps the query alone: headers hold the token.
std::function<domain::Result<store::EventFilter>()> renewal(const Core& core,
                                                            const Request& request) {
    if (!changes_with_the_log(request)) return {};
    auto kept = std::make_shared<Request>();
    kept->query = request.query;
    return [&core, kept = std::move(kept)] {
        Params params(*kept, core);
        return read_event_filter(params);
    };
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
    answer.headers.emplace_back("X-Accel-Buffering", "no");  // a proxy that gathers breaks it
    answer.source =
        hub.open({std::move(*filter), next_ordinal, request.principal, renewal(core, request)});
    return answer;
}

}  // namespace

std::vector<Route> live_routes(const Core& core) {
    const auto hub = std::make_shared<LiveHub>(core);
    Route route;
    route.path = "/api/events/live";
    route.access = Access::viewer;
    route.takes_query = true;
    route.is_stream = true;
    route.handle = [&core, hub](Request request, Reply reply) {
        core.run_blocking([&core, hub, request = std::move(request), reply = std::move(reply)] {
            reply(open_stream(core, *hub, request));
        });
    };
    return {std::move(route)};
}

}  // namespace decklog::api
