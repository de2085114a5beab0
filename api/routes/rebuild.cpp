#include "api/routes/rebuild.hpp"

#include <algorithm>
#include <array>
#include <numeric>
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

void write_keys(JsonWriter& json, const Core& core, std::uint32_t partition, std::string_view name,
                const std::vector<projections::Parked>& keys) {
    json.key(name).begin_array();
    for (const auto& parked : keys) write_parked_key(json, core, partition, parked);
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
        write_keys(json, core, built.partition, "foldsNow", built.folds_now);
        write_keys(json, core, built.partition, "newlyParked", built.newly_parked);
    }
    json.field_if_any("problem", refusal);
}

/// Of several partitions: whether all went well, and each.
void write_all_built(JsonWriter& json, const Core& core, const std::vector<Rebuilt>& all,
                     Takeover takeover) {
    std::string refusal;
    bool all_flipped = true;
    for (const Rebuilt& built : all) {
        if (refusal.empty()) refusal = refusal_of(built, takeover);
        all_flipped = all_flipped && built.flipped;
    }
    json.key("ok").boolean(refusal.empty()).key("tookOver").boolean(all_flipped);
    json.key("partitions").begin_array();
    for (const Rebuilt& built : all) {
        json.begin_object().key("partition").number(built.partition);
        write_built(json, core, built, takeover);
        json.end_object();
    }
    json.end_array().field_if_any("problem", refusal);
}

/// Errors of the engine name instances and positions, never a file.
void write_failed(JsonWriter& json, const domain::Error& error) {
    json.key("ok").boolean(false).field("problem", error.context);
}

/// By partition.
std::vector<projections::ViewStatus> statuses_of(const Core& core, const std::string& view) {
    std::vector<projections::ViewStatus> statuses = core.engines->status();
    std::erase_if(statuses, [&view](const auto& status) { return status.name != view; });
    return statuses;
}

/// How far the view is on its way to `heads`, partition by partition.
std::uint64_t folded_of(const Core& core, const std::string& view,
                        const std::vector<std::uint64_t>& heads) {
    std::uint64_t folded = 0;
    for (const projections::ViewStatus& status : statuses_of(core, view)) {
        const std::uint64_t end = heads[status.partition];
        folded += status.stopped.empty() ? std::min(status.next_ordinal, end) : end;
    }
    return folded;
}

/// A view that still folds what lies behind it has nothing to compare a new build with. False:
/// nobody waits any more.
bool wait_until_caught_up(const Core& core, const std::string& view, Progress& progress) {
    const std::vector<std::uint64_t> heads = heads_of(core);
    const std::uint64_t end = std::accumulate(heads.begin(), heads.end(), std::uint64_t{0});
    while (!core.draining()) {
        const std::uint64_t next = folded_of(core, view, heads);
        if (next >= end) return true;
        if (!progress.show(next, end)) return false;
        std::this_thread::sleep_for(limits::kProgressEvery / 4);
    }
    return true;
}

/// What stands now. Instances of several partitions may be builds of different numbers.
void write_standing(JsonWriter& json, const Core& core, const std::string& view) {
    const auto statuses = statuses_of(core, view);
    json.field("view", view);
    std::vector<std::uint64_t> next;
    for (const projections::ViewStatus& status : statuses) next.push_back(status.next_ordinal);
    const auto write_one = [&json](const projections::ViewStatus& status) {
        json.field("instance", status.instance);
        if (!status.kept.empty()) {
            json.field("kept", status.kept)
                .field("keptUntil", domain::to_rfc3339(status.kept_until_us));
        }
    };
    if (statuses.size() == 1) {
        write_one(statuses.front());
    } else {
        json.key("instances").begin_array();
        for (const projections::ViewStatus& status : statuses) {
            json.begin_object().key("partition").number(status.partition);
            write_one(status);
            json.end_object();
        }
        json.end_array();
    }
    write_as_of(json, core, next);
}

void rebuild(const Core& core, const std::string& view, Takeover takeover, const PieceSink& sink) {
    Progress progress(sink);
    if (!wait_until_caught_up(core, view, progress)) return;
    const auto built = core.engines->rebuild(
        view, takeover, [&progress](std::uint64_t folded, std::uint64_t total) {
            return progress.show(folded, total);
        });
    JsonWriter json;
    json.begin_object();
    if (!built) {
        write_failed(json, built.error());
    } else if (built->size() == 1) {
        write_built(json, core, built->front(), takeover);
    } else {
        write_all_built(json, core, *built, takeover);
    }
    write_standing(json, core, view);
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
