// /api/workers: what workers say of themselves. A heartbeat that says nothing new leaves no event,
// so that many workers do not fill the log. A worker on another runtime than the services' is a
// hard gate: the mock runtime takes in nothing and reports every message as sent.
#include <algorithm>
#include <array>
#include <utility>

#include "api/answers.hpp"
#include "api/config.hpp"
#include "api/json_writer.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_list.hpp"
#include "api/queries/snapshots.hpp"
#include "api/routes/routes.hpp"
#include "api/sealed_part.hpp"
#include "api/writes/json_fields.hpp"
#include "api/writes/submitting.hpp"
#include "api/writes/taking_in.hpp"
#include "domain/limits.hpp"
#include "domain/stream_name.hpp"
#include "domain/time_text.hpp"
#include "domain/worker/worker.hpp"
#include "projections/platforms/platforms_query.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

using projections::platforms::WorkerRow;

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr std::size_t kErrorBytesMax = 4 * 1024;
constexpr std::uint64_t kQueueDepthMax = 1'000'000'000'000;
constexpr std::uint32_t kPartition = 0;
constexpr std::string_view kSource = "api/workers";
constexpr std::string_view kMockRuntime = "MOCK_RUNTIME_FORBIDDEN";
constexpr std::array<std::string_view, 5> kFields{"release", "provider", "runtime", "queueDepth",
                                                  "lastError"};
constexpr std::array<std::string_view, 2> kListParams{"limit", "cursor"};

bool is_forbidden(const Core& core, std::string_view runtime) {
    return runtime != core.config->services.worker_runtime;
}

void write_gate(JsonWriter& json, bool is_red) {
    json.key("hardGate");
    is_red ? json.text(kMockRuntime) : json.null();
}

// ---- heartbeats

struct Heartbeat {
    domain::WorkerReport report;
    std::string last_error;
};

std::uint64_t queue_depth_in(JsonFields& fields) {
    const auto* value = fields.find("queueDepth");
    if (value == nullptr) return 0;
    if (!value->is_int64() && !value->is_uint64()) {
        fields.refuse(
            {"invalid_type", "send how many items wait, a whole number", "queueDepth", {}});
        return 0;
    }
    const bool is_negative = value->is_int64() && value->get_int64() < 0;
    if (is_negative || value->to_number<std::uint64_t>() > kQueueDepthMax) {
        fields.refuse({"invalid_number", "send how many items wait, from 0 to 1000000000000",
                       "queueDepth", is_negative ? 0 : static_cast<std::int64_t>(kQueueDepthMax)});
        return 0;
    }
    return value->to_number<std::uint64_t>();
}

domain::Decision<Heartbeat> read_heartbeat(const Core& core, const Request& request) {
    auto fields = JsonFields::read_order(request.body, kFields);
    if (!fields) return tl::unexpected(fields.error());
    Heartbeat heartbeat;
    heartbeat.report.worker = request.captures.front();
    heartbeat.report.release = fields->required_name("release");
    heartbeat.report.provider = fields->required_name("provider");
    heartbeat.report.runtime = fields->required_name("runtime");
    heartbeat.report.queue_depth = queue_depth_in(*fields);
    heartbeat.last_error = fields->text_or_none("lastError");
    if (heartbeat.last_error.size() > kErrorBytesMax) {
        fields->refuse({"text_too_long", "send at most 4 KiB of the error", "lastError",
                        static_cast<std::int64_t>(kErrorBytesMax)});
    }
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    if (!heartbeat.last_error.empty()) {
        const std::array<std::string_view, 2> parts{"worker_error", heartbeat.last_error};
        heartbeat.report.error_hash = core.vault->keyed_hash(store::HashPurpose::request, parts);
    }
    return heartbeat;
}

/// The newest report of a worker in the log, and when and where.
struct LastReport {
    domain::WorkerReport report;
    std::int64_t at_us = 0;
    domain::Position position;
};

domain::Result<std::optional<LastReport>> last_report(const Core& core, std::string_view worker) {
    store::IndexKey key;
    key.kind = store::IndexKey::Kind::stream;
    key.text = domain::worker_stream(worker);
    std::optional<LastReport> last;
    domain::Result<void> read;
    auto scanned = core.ledger->scan(
        kPartition, key, store::Order::descending, std::nullopt, [&](domain::Position position) {
            const auto frame = core.ledger->frame_at(position);
            if (!frame) {
                read = tl::unexpected(frame.error());
                return false;
            }
            const auto event = (*frame)->event(position.ordinal - (*frame)->first().ordinal);
            if (event.stream() != key.text) return true;
            if (auto report = domain::worker_report_in(event))
                last = LastReport{std::move(*report), event.occurred_at_us(), position};
            return !last.has_value();
        });
    if (!scanned) return tl::unexpected(scanned.error());
    if (!read) return tl::unexpected(read.error());
    return last;
}

Answer heartbeat_answer(const Core& core, const domain::WorkerReport& report,
                        domain::Position position, bool is_recorded) {
    constexpr int kOk = 200, kCreated = 201;
    const std::string cursor = cursor_of(core, position);
    JsonWriter json;
    json.begin_object().field("worker", report.worker).key("recorded").boolean(is_recorded);
    write_gate(json, is_forbidden(core, report.runtime));
    json.field("position", cursor).end_object();
    Answer answer = json_answer(json.take(), is_recorded ? kCreated : kOk);
    answer.headers.emplace_back("Decklog-Position", cursor);
    return answer;
}

CheckedWrite write_of(const Heartbeat& heartbeat, const WriteContext& context,
                      const Request& request) {
    domain::NewEvent envelope;
    envelope.workspace = context.workspace;
    envelope.occurred_at_us = context.now_us;
    envelope.actor = {"worker", heartbeat.report.worker};
    envelope.recorded_by = context.recorded_by;
    envelope.platform = "decklog";
    envelope.account = context.account.value_or(std::string());
    envelope.trace_id = request.trace;
    auto event = domain::worker_reported(heartbeat.report, std::move(envelope));
    if (!event) return tl::unexpected(event.error());
    Write write;
    write.command = "report_worker";
    write.event = std::move(*event);
    if (!heartbeat.last_error.empty()) {
        Sealing sealing;
        sealing.subject = store::NativeSubject{"entity", "worker", heartbeat.report.worker};
        sealing.personal.text = heartbeat.last_error;
        write.sealing = std::move(sealing);
    }
    return write;
}

void take_heartbeat(const Core& core, const Request& request, Reply reply) {
    auto heartbeat = read_heartbeat(core, request);
    if (!heartbeat) return reply(answer_of(heartbeat.error()));
    const WriteContext context = write_context(core, request);
    CheckedWrite write = write_of(*heartbeat, context, request);
    if (!write) return reply(answer_of(write.error()));
    const auto last = last_report(core, heartbeat->report.worker);
    if (!last) return reply(answer_of(last.error()));
    if (*last &&
        !domain::is_news(heartbeat->report, (*last)->report, (*last)->at_us, context.now_us)) {
        return reply(heartbeat_answer(core, heartbeat->report, (*last)->position, false));
    }
    std::vector<CheckedWrite> writes;
    writes.push_back(std::move(write));
    file(core, kSource, std::move(writes), BehindARefusal::are_tried,
         [&core, report = heartbeat->report,
          reply = std::move(reply)](const std::vector<Filed>& results) {
             const Filed& filed = results.front();
             reply(filed.refused ? answer_of(*filed.refused)
                                 : heartbeat_answer(core, report, filed.receipt.last, true));
         });
}

// ---- the list

void write_last_error(JsonWriter& json, const Core& core, const WorkerRow& worker,
                      const Opener& opener) {
    json.key("lastError");
    if (!worker.report.error_hash) {
        json.null();
        return;
    }
    const domain::Position position{kPartition, worker.ordinal};
    const auto frame = core.ledger->frame_at(position);
    const SealedPart part =
        frame ? opener.open((*frame)->event(position.ordinal - (*frame)->first().ordinal))
              : SealedPart{SealedPart::State::sealed};
    json.text(part.is_opened() ? std::string_view(part.personal.text) : part.placeholder());
}

void write_worker(JsonWriter& json, const Core& core, const WorkerRow& worker, const Opener& opener,
                  std::int64_t now_us) {
    const bool is_silent = now_us - worker.at_us > domain::kWorkerSilentAfterUs;
    json.begin_object()
        .field("name", worker.report.worker)
        .field("state", is_silent ? "silent" : "reporting")
        .field("release", worker.report.release)
        .field("provider", worker.report.provider)
        .field("runtime", worker.report.runtime)
        .key("queueDepth")
        .number(worker.report.queue_depth);
    write_last_error(json, core, worker, opener);
    json.field("reportedAt", domain::to_rfc3339(worker.at_us));
    write_gate(json, is_forbidden(core, worker.report.runtime));
    json.end_object();
}

/// By name; `cursor` is the last one that was shown.
Answer list_workers(const Core& core, const Request& request, Params& params) {
    params.allow({kListParams, kWaitParams});
    const auto limit = static_cast<std::size_t>(read_limit(params));
    const std::string after = params.text("cursor").value_or(std::string());
    if (params.refusal()) return answer_of(*params.refusal());
    const auto snapshot = core.engine->snapshot("platforms");
    if (!snapshot) return answer_of(snapshot.error());
    const Opener opener(*core.vault, request.principal.opens_sealed());
    const auto workers = projections::workers(*snapshot->rows);
    const std::int64_t as_of_us = answer_time_us(core);
    auto at = std::find_if(workers.begin(), workers.end(), [&after](const WorkerRow& worker) {
        return worker.report.worker > after;
    });
    JsonWriter json;
    json.begin_object().field("requiredRuntime", core.config->services.worker_runtime);
    json.key("items").begin_array();
    std::string last;
    for (std::size_t i = 0; i < limit && at != workers.end(); ++i, ++at) {
        write_worker(json, core, *at, opener, as_of_us);
        last = at->report.worker;
    }
    json.end_array().key("next");
    at == workers.end() ? json.null() : json.text(last);
    write_parked(json, core, parked_in({*snapshot}));
    write_as_of(json, core, snapshot->next_ordinal, as_of_us);
    return json_answer(json.end_object().take());
}

}  // namespace

std::vector<Route> worker_routes(const Core& core) {
    Route post = write_route(core, "/api/workers/{name}/heartbeat", take_heartbeat);
    post.body_bytes_max = kBodyBytesMax;
    Route list;
    list.path = "/api/workers";
    list.access = Access::viewer;
    list.takes_query = true;
    list.handle =
        asking(core, AnswersFrom{"platforms"}, [&core](const Request& request, Params& params) {
            return list_workers(core, request, params);
        });
    return {std::move(post), std::move(list)};
}

}  // namespace decklog::api
