#include "api/routes/verify.hpp"

#include <string>
#include <utility>

#include "api/answers.hpp"
#include "api/queries/progress.hpp"
#include "projections/engines.hpp"
#include "store/verify/verify.hpp"

namespace decklog::api {
namespace {

/// What is wrong with a view's place in the log of its partition; empty: nothing.
std::string problem_of(const projections::ViewStatus& view, std::uint64_t log_next) {
    const std::string name =
        view.instance +
        (view.partition == 0 ? "" : " of partition " + std::to_string(view.partition));
    if (!view.stopped.empty()) return "view " + name + " has stopped: " + view.stopped;
    if (view.next_ordinal > log_next) return "view " + name + " is ahead of the log";
    return {};
}

void write_counts(JsonWriter& json, const store::VerifyReport& report) {
    const std::pair<std::string_view, std::uint64_t> counts[] = {
        {"frames", report.frames},        {"events", report.events},
        {"bytes", report.bytes},          {"streams", report.streams},
        {"commands", report.commands},    {"indexRows", report.index_rows},
        {"rawBodies", report.raw_bodies},
    };
    for (const auto& [name, count] : counts) json.key(name).number(count);
}

/// A ledger of one partition has one chain; of several, each has its own.
void write_chains(JsonWriter& json, const Core& core, const store::VerifyReport& report) {
    if (core.ledger->partitions() == 1) {
        json.field("chain", domain::to_hex(report.heads.front().chain));
        return;
    }
    json.key("partitions").begin_array();
    for (std::uint32_t partition = 0; partition < report.heads.size(); ++partition) {
        const store::Head& head = report.heads[partition];
        json.begin_object().key("partition").number(partition);
        json.key("events").number(head.next_ordinal);
        json.field("chain", domain::to_hex(head.chain)).end_object();
    }
    json.end_array();
}

void write_views(JsonWriter& json, const Core& core,
                 const std::vector<projections::ViewStatus>& views) {
    json.key("views").begin_array();
    for (const auto& view : views) {
        json.begin_object().field("instance", view.instance).key("position");
        view.next_ordinal == 0
            ? json.null()
            : json.text(cursor_of(core, {view.partition, view.next_ordinal - 1}));
        json.key("lagEvents").number(view.lag_events);
        json.key("parked").number(view.parked).end_object();
    }
    json.end_array();
}

std::string result_line(const Core& core, const store::VerifyReport& report) {
    // The views are asked first: the log can only grow meanwhile.
    const auto views = core.engines->status();
    const std::vector<std::uint64_t> heads = heads_of(core);
    std::string problem = report.problem;
    for (const auto& view : views) {
        if (problem.empty()) problem = problem_of(view, heads.at(view.partition));
    }
    JsonWriter json;
    json.begin_object().key("ok").boolean(problem.empty());
    write_counts(json, report);
    write_chains(json, core, report);
    write_views(json, core, views);
    if (report.first_bad) json.field("firstBad", cursor_of(core, *report.first_bad));
    json.field_if_any("problem", problem);
    write_as_of(json, core, heads);
    return json.end_object().take() + "\n";
}

void verify(const Core& core, const PieceSink& sink) {
    Progress progress(sink);
    const auto report = store::verify(*core.ledger, [&progress](const store::VerifyProgress& seen) {
        return progress.show(seen.events, seen.events_total);
    });
    if (report) {
        static_cast<void>(sink(result_line(core, *report)));
        return;
    }
    JsonWriter json;
    json.begin_object()
        .key("ok")
        .boolean(false)
        .field("problem", report.error().context)
        .end_object();
    static_cast<void>(sink(json.take() + "\n"));
}

}  // namespace

Route verify_route(const Core& core) {
    Route route;
    route.path = "/api/admin/verify";
    route.access = Access::operator_;
    route.handle = [&core](const Request&, const Reply& reply) {
        reply(ndjson_answer(
            job_source(core, [&core](const PieceSink& sink) { verify(core, sink); })));
    };
    return route;
}

}  // namespace decklog::api
