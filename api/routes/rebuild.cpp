#include "api/routes/rebuild.hpp"

#include <array>
#include <thread>
#include <utility>

#include "api/answers.hpp"
#include "api/queries/params.hpp"
#include "api/queries/progress.hpp"
#include "api/queries/snapshots.hpp"
#include "api/queries/view_printing.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

using projections::Rebuilt;
using projections::Takeover;

constexpr std::array<std::string_view, 2> kParams{"accept", "back"};
constexpr std::array<std::string_view, 2> kNoYes{"false", "true"};

void write_rows(JsonWriter& json, std::string_view key,
                const std::vector<boost::json::object>& rows) {
    json.key(key).begin_array();
    for (const auto& row : rows) json.value(row);
    json.end_array();
}

void write_differences(JsonWriter& json, const Rebuilt& built) {
    json.key("rows").number(built.rows).key("rowsThatDiffer").number(built.rows_that_differ);
    json.key("differences").begin_array();
    for (const auto& difference : built.first_differences) {
        json.begin_object().field("row", difference.key);
        write_rows(json, "before", difference.before);
        write_rows(json, "after", difference.after);
        json.field_if_any("beforeBytes", difference.before_bytes)
            .field_if_any("afterBytes", difference.after_bytes)
            .end_object();
    }
    json.end_array();
}

void write_keys(JsonWriter& json, const Core& core, std::string_view name,
                const std::vector<projections::Parked>& keys) {
    json.key(name).begin_array();
    for (const auto& parked : keys) write_parked_key(json, core, parked);
    json.end_array();
}

/// Why the new build did not take over; empty when it did or was not needed.
std::string refusal_of(const Rebuilt& built, Takeover takeover) {
    if (built.flipped) return {};
    const std::string stays = "; " + built.before + " stays";
    if (takeover == Takeover::unparked) {
        if (built.newly_parked.empty()) return {};
        return "other events could not be folded this time" + stays;
    }
    const bool differs =
        built.rows_that_differ > 0 || !built.folds_now.empty() || !built.newly_parked.empty();
    if (!differs) return built.after + " is other logic and takes over with --accept" + stays;
    return built.after + " differs from " + built.before + ": look at it, then --accept it" + stays;
}

void write_built(JsonWriter& json, const Core& core, const Rebuilt& built, Takeover takeover) {
    const std::string refusal = refusal_of(built, takeover);
    json.key("ok").boolean(refusal.empty()).key("tookOver").boolean(built.flipped);
    json.field("before", built.before).field("after", built.after);
    if (takeover != Takeover::back) {
        write_differences(json, built);
        write_keys(json, core, "foldsNow", built.folds_now);
        write_keys(json, core, "newlyParked", built.newly_parked);
    }
    json.field_if_any("problem", refusal);
}

/// Errors of the engine name instances and positions, never a file.
void write_failed(JsonWriter& json, const domain::Error& error) {
    json.key("ok").boolean(false).field("problem", error.context);
}

std::uint64_t standing_of(const Core& core, const std::string& view, std::uint64_t end) {
    for (const projections::ViewStatus& status : core.engine->status()) {
        if (status.name == view) return status.stopped.empty() ? status.next_ordinal : end;
    }
    return end;
}

/// A view that still folds what lies behind it has nothing to compare a new build with. False:
/// nobody waits any more.
bool wait_until_caught_up(const Core& core, const std::string& view, Progress& progress) {
    const std::uint64_t end = core.ledger->head(0).next_ordinal;
    while (!core.draining()) {
        const std::uint64_t next = standing_of(core, view, end);
        if (next >= end) return true;
        if (!progress.show(next, end)) return false;
        std::this_thread::sleep_for(limits::kProgressEvery / 4);
    }
    return true;
}

void rebuild(const Core& core, const std::string& view, Takeover takeover, const PieceSink& sink) {
    Progress progress(sink);
    if (!wait_until_caught_up(core, view, progress)) return;
    const auto built = core.engine->rebuild(view, takeover,
                                            [&progress](std::uint64_t folded, std::uint64_t total) {
                                                return progress.show(folded, total);
                                            });
    JsonWriter json;
    json.begin_object();
    if (built) {
        write_built(json, core, *built, takeover);
    } else {
        write_failed(json, built.error());
    }
    json.field("view", view);
    for (const projections::ViewStatus& status : core.engine->status()) {
        if (status.name != view) continue;
        json.field("instance", status.instance);
        if (!status.kept.empty()) {
            json.field("kept", status.kept)
                .field("keptUntil", domain::to_rfc3339(status.kept_until_us));
        }
        write_as_of(json, core, status.next_ordinal);
    }
    static_cast<void>(sink(json.end_object().take() + "\n"));
}

Answer rebuild_answer(const Core& core, const Request& request) {
    if (core.engine->logic(request.captures.front()) == nullptr)
        return error_answer(404, "not_found", "there is no view by this name");
    Params params(request, core);
    params.allow({kParams});
    const bool accept = params.word("accept", kNoYes) == "true";
    const bool back = params.word("back", kNoYes) == "true";
    if (accept && back)
        params.refuse({"two_ways", "give `accept` or `back`, not both", "back", {}});
    if (params.refusal()) return answer_of(*params.refusal());
    const Takeover takeover = back     ? Takeover::back
                              : accept ? Takeover::accepted
                                       : Takeover::equal_bytes;
    return rebuilding(core, request.captures.front(), takeover);
}

}  // namespace

Answer rebuilding(const Core& core, const std::string& view, Takeover takeover) {
    // The build that is kept takes no more room than it has.
    if (takeover != Takeover::back) {
        if (auto refusal = refusal_while_disk_low(core)) return std::move(*refusal);
    }
    return ndjson_answer(job_source(core, [&core, view, takeover](const PieceSink& sink) {
        rebuild(core, view, takeover, sink);
    }));
}

Route rebuild_route(const Core& core) {
    Route route;
    route.method = Method::post;
    route.path = "/api/views/{view}/rebuild";
    route.access = Access::operator_;
    route.takes_query = true;
    route.handle = [&core](const Request& request, const Reply& reply) {
        reply(rebuild_answer(core, request));
    };
    return route;
}

}  // namespace decklog::api
