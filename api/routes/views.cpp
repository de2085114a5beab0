// GET /api/views/{view}: the log folded to any point and the view as it stood then. Rebuilds and
// parked keys are in rebuild.cpp and parked.cpp, GET /api/admin/verify in verify.cpp.
#include <array>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_filter.hpp"
#include "api/queries/job_source.hpp"
#include "api/queries/view_printing.hpp"
#include "api/routes/rebuild.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/verify.hpp"
#include "projections/engines.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 3> kRangeParams{"at", "from", "to"};

/// A time may lie ahead: it is compared with recorded_at, and the clocks of two machines differ.
void must_be_reached(Params& params, const std::optional<LogPlace>& place, std::string_view name) {
    if (!place) return;
    if (const auto* positions = std::get_if<domain::Positions>(&*place))
        params.must_be_reached(*positions, name);
}

std::optional<std::uint64_t> ordinal_in(const LogPlace& place, std::uint32_t partition) {
    const auto* positions = std::get_if<domain::Positions>(&place);
    const auto found =
        positions == nullptr ? std::nullopt : domain::position_in(*positions, partition);
    return found ? std::optional(found->ordinal) : std::nullopt;
}

void set_end(projections::ReplayRange& range, const std::optional<LogPlace>& end) {
    if (!end) return;
    range.to_ordinal = ordinal_in(*end, range.partition);
    if (const auto* time_us = std::get_if<std::int64_t>(&*end)) range.at_us = *time_us;
}

domain::Result<void> set_begin(projections::ReplayRange& range, const store::LogReader& log,
                               const std::optional<LogPlace>& from) {
    if (!from) return {};
    range.from_ordinal = ordinal_in(*from, range.partition);
    const auto* time_us = std::get_if<std::int64_t>(&*from);
    if (time_us == nullptr) return {};
    const auto ordinal = first_recorded_since(log, range.partition, *time_us);
    if (!ordinal) return tl::unexpected(ordinal.error());
    range.from_ordinal = *ordinal;
    return {};
}

/// One a partition; a position is a bound of its partition alone.
domain::Result<std::vector<projections::ReplayRange>> read_ranges(Params& params) {
    const auto at = params.place("at");
    const auto to = params.place("to");
    const auto from = params.place("from");
    if (at && to) params.refuse({"two_ends", "give `at` or `to`, not both", "to", {}});
    must_be_reached(params, at, "at");
    must_be_reached(params, to, "to");
    must_be_reached(params, from, "from");
    const store::LogReader& log = *params.core().ledger;
    std::vector<projections::ReplayRange> ranges(log.partitions());
    for (std::uint32_t partition = 0; partition < ranges.size(); ++partition) {
        projections::ReplayRange& range = ranges[partition];
        range.partition = partition;
        set_end(range, at ? at : to);
        if (auto begun = set_begin(range, log, from); !begun) return tl::unexpected(begun.error());
    }
    return ranges;
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

/// Partition after partition, each with the logic that is live there.
domain::Result<std::vector<FoldedView>> fold(const Core& core, std::string_view view,
                                             const std::vector<projections::ReplayRange>& ranges,
                                             LateBody& body) {
    std::vector<FoldedView> folded;
    for (const projections::ReplayRange& range : ranges) {
        const projections::View& logic = *core.engines->of(range.partition).logic(view);
        auto replayed = projections::replay(
            *core.ledger, logic, range, projections::limits::kBatchEventsMax,
            [&body](std::uint64_t, std::uint64_t) { return body.still_wanted(); });
        if (!replayed) return tl::unexpected(std::move(replayed).error());
        folded.push_back({&logic, *std::move(replayed)});
    }
    return folded;
}

void fold_and_print(const Core& core, const Request& request, std::string_view view,
                    const std::vector<projections::ReplayRange>& ranges, const Reply& reply) {
    const RowsFormat format = wants_lines(request) ? RowsFormat::lines : RowsFormat::document;
    LateBody body(reply, format == RowsFormat::lines ? "application/x-ndjson" : "application/json");
    const auto folded = fold(core, view, ranges, body);
    if (!folded && body.has_begun()) {
        static_cast<void>(body.put(problem_line(view, folded.error())));
    } else if (!folded) {
        body.answer(answer_of(folded.error()));
    } else {
        print_view(core, view, *folded, format,
                   [&body](std::string piece) { return body.put(std::move(piece)); });
    }
}

void replay(const Core& core, const Request& request, Params& params, const Reply& reply) {
    params.allow({kRangeParams, kWaitParams});
    const projections::View* view = core.engine->logic(request.captures.front());
    if (view == nullptr)
        return reply(error_answer(404, "not_found", "there is no view by this name"));
    const auto ranges = read_ranges(params);
    if (!ranges) return reply(answer_of(ranges.error()));
    if (params.refusal()) return reply(answer_of(*params.refusal()));
    fold_and_print(core, request, view->name(), *ranges, reply);
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
