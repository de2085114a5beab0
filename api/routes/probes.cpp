// /live /healthz /ready /health /version /metrics. Bodies are one superset of what the runbooks'
// probes look at. Names and states of components and missing variables show to everyone; texts of
// errors need a token.
#include <openssl/crypto.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <memory>
#include <utility>

#include "api/answers.hpp"
#include "api/config.hpp"
#include "api/health.hpp"
#include "api/json_writer.hpp"
#include "api/metrics.hpp"
#include "api/queries/params.hpp"
#include "api/routes/routes.hpp"
#include "api/version.hpp"
#include "domain/time_text.hpp"
#include "projections/engines.hpp"

namespace decklog::api {
namespace {

constexpr double kMicros = 1e6;
constexpr std::string_view kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

std::string seconds_text(std::int64_t us) {
    return fmt::format("{:.3f}", static_cast<double>(us) / kMicros);
}

void write_components(JsonWriter& json, const Health& health, const Principal& principal,
                      std::int64_t now_us) {
    json.key("components").begin_object();
    for (const Component& component : health.components) {
        json.key(component.name)
            .begin_object()
            .key("ok")
            .boolean(component.is_ok)
            .field("state", component.state);
        json.key("ts").raw(seconds_text(now_us));
        if (principal.role != Role::none) json.field_if_any("detail", component.detail);
        json.end_object();
    }
    json.end_object();
}

/// An endpoint that is off is no fault, but whoever wonders why nothing arrives looks here.
void write_off_endpoints(JsonWriter& json, const ingest::Inbound& inbound) {
    json.key("offEndpoints").begin_array();
    for (const ingest::OffEndpoint& off : inbound.off_endpoints()) {
        json.begin_object()
            .field("platform", ingest::to_text(off.platform))
            .field("variable", off.variable);
        json.key("calls").number(off.calls).end_object();
    }
    json.end_array();
}

void write_ages(JsonWriter& json, const Health& health) {
    json.field("version", version());
    json.key("age_seconds").raw(seconds_text(health.writer_age_us));
    json.key("stall_after_sec").number(kStallMicros / 1'000'000);
}

Answer live_answer(const Health& health) {
    JsonWriter json;
    json.begin_object()
        .key("ok")
        .boolean(health.turns())
        .field("status", health.turns() ? "alive" : "stalled");
    write_ages(json, health);
    json.end_object();
    return json_answer(json.take(), health.turns() ? 200 : 503);
}

Answer ready_answer(const Core& core, const Health& health, const Request& request) {
    constexpr std::array<std::string_view, 1> kFor{"for"};
    Params params(request, core);
    params.allow({kFor});
    const auto wanted = params.text("for");
    const bool for_ingest = wanted == "ingest";
    if (wanted && !for_ingest)
        params.refuse({"unknown_word", "give ingest, or leave it out", "for", {}});
    if (params.refusal()) return answer_of(*params.refusal());
    const bool is_ready = for_ingest ? health.ready_for_ingest() : health.ready();
    JsonWriter json;
    json.begin_object().key("ok").boolean(is_ready).field("status",
                                                          is_ready ? "ready" : "not_ready");
    write_components(json, health, request.principal, core.clock->now_us());
    json.end_object();
    return json_answer(json.take(), is_ready ? 200 : 503);
}

Answer health_answer(const Core& core, const Health& health, const Request& request) {
    const std::int64_t now_us = core.clock->now_us();
    const char* status = !health.turns() ? "stalled" : health.is_ok() ? "ok" : "degraded";
    JsonWriter json;
    json.begin_object()
        .field("status", status)
        .key("ok")
        .boolean(health.is_ok())
        .field("service", "decklog");
    json.field("timestamp", domain::to_rfc3339(now_us));
    write_ages(json, health);
    json.key("ready").boolean(health.ready());
    write_components(json, health, request.principal, now_us);
    json.key("views").begin_object();
    for (const projections::ViewStatus& view : core.engines->status()) {
        json.key(projections::name_of(view))
            .begin_object()
            .key("lagEvents")
            .number(view.lag_events);
        json.key("lagSeconds").raw(fmt::format("{:.3f}", view.lag_seconds));
        json.field("instance", view.instance).key("parked").number(view.parked);
        json.key("rebuilding").boolean(view.rebuilding).field_if_any("kept", view.kept);
        json.end_object();
    }
    json.end_object();
    write_off_endpoints(json, *core.inbound);
    json.field("endpoint", "health").end_object();
    return json_answer(json.take(), health.turns() ? 200 : 503);
}

Answer version_answer() {
    JsonWriter json;
    json.begin_object().field("service", "decklog").field("version", version()).end_object();
    return json_answer(json.take());
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool may_read_metrics(const Core& core, const Request& request) {
    const Secret& token = core.config->metrics_token;
    if (!token.is_set() || request.principal.role == Role::admin) return true;
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view authorization = request.header("authorization");
    return authorization.starts_with(kScheme) &&
           equal_in_constant_time(authorization.substr(kScheme.size()), token.reveal());
}

Answer metrics_answer(const Core& core, const Request& request) {
    if (!may_read_metrics(core, request)) {
        Answer answer =
            error_answer(401, "unauthorized", "send the metrics token as a bearer token");
        answer.headers.emplace_back("WWW-Authenticate", "Bearer");
        return answer;
    }
    Answer answer;
    answer.content_type = kPrometheusText;
    answer.body = core.metrics->text();
    return answer;
}

using Probe = std::function<Answer(const Request&)>;

Route probe_route(std::string path, Probe probe) {
    Route route;
    route.path = std::move(path);
    route.access = Access::open;
    route.handle = [probe = std::move(probe)](const Request& request, const Reply& reply) {
        reply(probe(request));
    };
    return route;
}

}  // namespace

std::vector<Route> probe_routes(const Core& core) {
    const auto health = std::make_shared<HealthReader>(core);
    Route ready = probe_route("/ready", [&core, health](const Request& request) {
        return ready_answer(core, health->read(), request);
    });
    ready.takes_query = true;
    const Probe live = [health](const Request&) { return live_answer(health->read()); };
    return {
        probe_route("/live", live),
        probe_route("/healthz", live),
        std::move(ready),
        probe_route("/health",
                    [&core, health](const Request& request) {
                        return health_answer(core, health->read(), request);
                    }),
        probe_route("/version", [](const Request&) { return version_answer(); }),
        probe_route("/metrics",
                    [&core](const Request& request) { return metrics_answer(core, request); }),
    };
}

}  // namespace decklog::api
