// GET /api/events/live: server-sent events. Each event's id is its cursor, so that `Last-Event-ID`
// goes on where a broken connection stopped.
#include <array>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/live/live_hub.hpp"
#include "api/queries/event_filter.hpp"
#include "api/routes/routes.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 1> kCursorParam{"cursor"};

/// By partition: after the last event that the client saw, else from `from`, else from now on. Of a
/// place that leaves a partition out nothing of it was seen.
std::vector<std::uint64_t> first_ordinals(const Core& core, Params& params,
                                          const std::vector<store::EventFilter>& filters) {
    const std::string_view last_seen = params.request().header("last-event-id");
    const auto seen = last_seen.empty() ? params.positions("cursor")
                                        : params.parse_positions(last_seen, "Last-Event-ID");
    params.must_be_reached(seen, last_seen.empty() ? "cursor" : "Last-Event-ID");
    const bool has_begin = !seen.empty() || params.request().param("from").has_value();
    std::vector<std::uint64_t> first;
    for (std::uint32_t partition = 0; partition < filters.size(); ++partition) {
        const auto& from = filters[partition].from;
        if (const auto position = domain::position_in(seen, partition)) {
            first.push_back(position->ordinal + 1);
        } else if (has_begin) {
            first.push_back(seen.empty() && from ? from->ordinal : 0);
        } else {
            first.push_back(core.ledger->head(partition).next_ordinal);
        }
    }
    return first;
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
std::function<domain::Result<std::vector<store::EventFilter>>()> renewal(const Core& core,
                                                                         const Request& request) {
    if (!changes_with_the_log(request)) return {};
    auto kept = std::make_shared<Request>();
    kept->query = request.query;
    return [&core, kept = std::move(kept)] {
        Params params(*kept, core);
        return read_event_filters(params);
    };
}

Answer open_stream(const Core& core, LiveHub& hub, const Request& request) {
    Params params(request, core);
    params.allow({kEventFilterParams, kEventRangeParams, kCursorParam});
    auto filters = read_event_filters(params);
    if (!filters) return answer_of(filters.error());
    std::vector<std::uint64_t> next_ordinals = first_ordinals(core, params, *filters);
    if (params.refusal()) return answer_of(*params.refusal());
    Answer answer;
    answer.content_type = "text/event-stream";
    answer.headers.emplace_back("Cache-Control", "no-store");
    answer.headers.emplace_back("X-Accel-Buffering", "no");  // a proxy that gathers breaks it
    answer.source = hub.open(
        {std::move(*filters), std::move(next_ordinals), request.principal, renewal(core, request)});
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
