// GET /api/views/{view}: the log folded to any point and the view as it stood then. Rebuilds and
// parked keys are in rebuild.cpp and parked.cpp, GET /api/admin/verify in verify.cpp.
#include <array>
#include <utility>

#include "api/answers.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_filter.hpp"
#include "api/queries/job_source.hpp"
#include "api/queries/view_printing.hpp"
#include "api/routes/rebuild.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/verify.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 3> kRangeParams{"at", "from", "to"};

/// A time may lie ahead: it is compared with recorded_at, and the clocks of two machines differ.
void must_be_reached(Params& params, const std::optional<LogPlace>& place, std::string_view name) {
    if (!place) return;
    if (const auto* position = std::get_if<domain::Position>(&*place))
        params.must_be_reached(*position, name);
}

void set_end(projections::ReplayRange& range, const std::optional<LogPlace>& end) {
    if (!end) return;
    if (const auto* position = std::get_if<domain::Position>(&*end)) {
        range.to_ordinal = position->ordinal;
    } else {
        range.at_us = std::get<std::int64_t>(*end);
    }
}

domain::Result<projections::ReplayRange> read_range(Params& params) {
    projections::ReplayRange range;
    const auto at = params.place("at");
    const auto to = params.place("to");
    const auto from = params.place("from");
    if (at && to) params.refuse({"two_ends", "give `at` or `to`, not both", "to", {}});
    must_be_reached(params, at, "at");
    must_be_reached(params, to, "to");
    must_be_reached(params, from, "from");
    set_end(range, at ? at : to);
    if (!from) return range;
    if (const auto* position = std::get_if<domain::Position>(&*from)) {
        range.from_ordinal = position->ordinal;
        return range;
    }
    const auto ordinal = first_recorded_since(*params.core().ledger, std::get<std::int64_t>(*from));
    if (!ordinal) return tl::unexpected(ordinal.error());
    range.from_ordinal = *ordinal;
    return range;
}

bool wants_lines(const Request& request) {
    return request.header("accept").find("application/x-ndjson") != std::string_view::npos;
}

/// What a body that has begun ends with when the log could not be folded.
std::string problem_line(std::string_view view, const domain::Error& error) {
    JsonWriter json;
    json.begin_object().field("view", view).field("problem", error.context).end_object();
    return json.take() + "\n";
}

void fold_and_print(const Core& core, const Request& request, const projections::View& view,
                    const projections::ReplayRange& range, const Reply& reply) {
    const RowsFormat format = wants_lines(request) ? RowsFormat::lines : RowsFormat::document;
    LateBody body(reply, format == RowsFormat::lines ? "application/x-ndjson" : "application/json");
    auto folded =
        projections::replay(*core.ledger, view, range, projections::limits::kBatchEventsMax,
                            [&body](std::uint64_t, std::uint64_t) { return body.still_wanted(); });
    if (!folded && body.has_begun()) {
        static_cast<void>(body.put(problem_line(view.name(), folded.error())));
    } else if (!folded) {
        body.answer(answer_of(folded.error()));
    } else {
        const auto print = print_view(
            core, view, std::make_shared<projections::Replayed>(std::move(*folded)), format);
        print([&body](std::string piece) { return body.put(std::move(piece)); });
    }
}

void replay(const Core& core, const Request& request, Params& params, const Reply& reply) {
    params.allow({kRangeParams, kWaitParams});
    const projections::View* view = core.engine->logic(request.captures.front());
    if (view == nullptr)
        return reply(error_answer(404, "not_found", "there is no view by this name"));
    const auto range = read_range(params);
    if (!range) return reply(answer_of(range.error()));
    if (params.refusal()) return reply(answer_of(*params.refusal()));
    fold_and_print(core, request, *view, *range, reply);
}

}  // namespace

std::vector<Route> view_routes(const Core& core) {
    Route replaying;
    replaying.path = "/api/views/{view}";
    replaying.access = Access::operator_;
    replaying.takes_query = true;
    replaying.handle =
        asking_long(core, AnswersFrom::log,
                    [&core](const Request& request, Params& params, const Reply& reply) {
                        replay(core, request, params, reply);
                    });
    std::vector<Route> routes{std::move(replaying), rebuild_route(core), verify_route(core)};
    for (Route& route : parked_routes(core)) routes.push_back(std::move(route));
    return routes;
}

}  // namespace decklog::api
