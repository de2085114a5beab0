#include <algorithm>
#include <array>
#include <limits>

#include "api/answers.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_list.hpp"
#include "api/queries/snapshots.hpp"
#include "api/routes/rebuild.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 2> kPage{"limit", "cursor"};

Answer not_a_view() { return error_answer(404, "not_found", "there is no view by this name"); }

/// What `/parked` lists, so `parked` itself is not there: the items are it.
Answer list_parked(const Core& core, const Request& request, Params& params) {
    params.allow({kPage, kWaitParams});
    const auto limit = static_cast<std::size_t>(read_limit(params));
    // The cursor of this list is a rank: keys are bytes.
    const auto first = static_cast<std::size_t>(
        params.whole_number("cursor", 0, 0, std::numeric_limits<std::int32_t>::max()));
    if (params.refusal()) return answer_of(*params.refusal());
    const auto snapshots = core.engines->snapshots(request.captures.front());
    if (!snapshots) return answer_of(snapshots.error());
    const std::vector<ParkedKey> parked = parked_in(*snapshots);
    JsonWriter json;
    json.begin_object().field("view", request.captures.front());
    json.key("items").begin_array();
    std::size_t at = std::min(first, parked.size());
    for (const std::size_t end = std::min(at + limit, parked.size()); at < end; ++at)
        write_parked_key(json, core, parked[at].partition, parked[at].parked);
    json.end_array().key("next");
    at < parked.size() ? json.text(std::to_string(at)) : json.null();
    write_as_of(json, core, reflected_in(*snapshots));
    return json_answer(json.end_object().take());
}

}  // namespace

std::vector<Route> parked_routes(const Core& core) {
    Route list;
    list.path = "/api/views/{view}/parked";
    list.access = Access::operator_;
    list.takes_query = true;
    list.handle = [&core](Request request, Reply reply) {
        const projections::View* view = core.engine->logic(request.captures.front());
        if (view == nullptr) return reply(not_a_view());
        asking(core, AnswersFrom{view->name()}, [&core](const Request& asked, Params& params) {
            return list_parked(core, asked, params);
        })(std::move(request), std::move(reply));
    };
    Route retry;
    retry.method = Method::post;
    retry.path = "/api/views/{view}/parked/retry";
    retry.access = Access::operator_;
    retry.handle = [&core](const Request& request, const Reply& reply) {
        const std::string& view = request.captures.front();
        if (core.engine->logic(view) == nullptr) return reply(not_a_view());
        reply(rebuilding(core, view, projections::Takeover::unparked));
    };
    return {std::move(list), std::move(retry)};
}

}  // namespace decklog::api
