// GET /api/views/{view}: the log folded to any point and the view as it stood then. POST
// /api/views/{view}/rebuild: the next build beside the live one, compared, flipped. GET
// /api/admin/verify is in verify.cpp.
#include <array>
#include <utility>

#include "api/answers.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_filter.hpp"
#include "api/queries/progress.hpp"
#include "api/queries/view_printing.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/verify.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 3> kRangeParams{"at", "from", "to"};

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

Answer replay_answer(const Core& core, const Request& request, Params& params) {
    params.allow({kRangeParams, kWaitParams});
    const projections::View* view = projections::find_view(request.captures.front());
    if (view == nullptr) return error_answer(404, "not_found", "there is no view by this name");
    const auto range = read_range(params);
    if (!range) return answer_of(range.error());
    if (params.refusal()) return answer_of(*params.refusal());
    auto folded = projections::replay(*core.ledger, *view, *range);
    if (!folded) return answer_of(folded.error());

    const RowsFormat format = wants_lines(request) ? RowsFormat::lines : RowsFormat::document;
    auto source = job_source(
        core, print_view(core, *view, std::make_shared<projections::Replayed>(std::move(*folded)),
                         Opener(*core.vault, request.principal.opens_sealed()), format));
    Answer answer = ndjson_answer(std::move(source));
    if (format == RowsFormat::document) answer.content_type = "application/json";
    return answer;
}

void rebuild(const Core& core, const std::string& view, const PieceSink& sink) {
    Progress progress(sink);
    const auto rebuilt = core.engine->rebuild(
        view,
        [&progress](std::uint64_t folded, std::uint64_t total) { progress.show(folded, total); });
    JsonWriter json;
    json.begin_object().key("ok").boolean(rebuilt.has_value()).field("view", view);
    if (!rebuilt) json.field("problem", rebuilt.error().context);
    for (const projections::ViewStatus& status : core.engine->status()) {
        if (status.name != view) continue;
        json.field("instance", status.instance);
        write_as_of(json, core, status.next_ordinal);
    }
    static_cast<void>(sink(json.end_object().take() + "\n"));
}

Answer rebuild_answer(const Core& core, const Request& request) {
    const std::string& view = request.captures.front();
    if (projections::find_view(view) == nullptr)
        return error_answer(404, "not_found", "there is no view by this name");
    return ndjson_answer(
        job_source(core, [&core, view](const PieceSink& sink) { rebuild(core, view, sink); }));
}

}  // namespace

std::vector<Route> view_routes(const Core& core) {
    Route replay;
    replay.path = "/api/views/{view}";
    replay.access = Access::operator_;
    replay.handle = asking(core, AnswersFrom::log, [&core](const Request& request, Params& params) {
        return replay_answer(core, request, params);
    });
    Route rebuild;
    rebuild.method = Method::post;
    rebuild.path = "/api/views/{view}/rebuild";
    rebuild.access = Access::operator_;
    rebuild.handle = [&core](const Request& request, const Reply& reply) {
        reply(rebuild_answer(core, request));
    };
    return {std::move(replay), std::move(rebuild), verify_route(core)};
}

}  // namespace decklog::api
