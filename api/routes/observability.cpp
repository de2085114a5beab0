// GET /api/admin/observability: the snapshot that the operations runbooks read, in the shape and
// under the names they know, with `asOf` added. The view counts; the events of the two lists are
// read from the log and opened here.
#include <utility>

#include "api/answers.hpp"
#include "api/audit_entry_json.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/snapshots.hpp"
#include "api/routes/routes.hpp"
#include "projections/audit/observability.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

using projections::Observability;
using projections::ObservabilityQuery;

std::optional<std::string_view> given(const std::optional<std::string>& value) {
    return value ? std::optional<std::string_view>(*value) : std::nullopt;
}

ObservabilityQuery read_query(const Request& request, std::int64_t as_of_us) {
    ObservabilityQuery query;
    query.window_hours = projections::clamp_window_hours(given(request.param("windowHours")));
    query.audit_limit = projections::clamp_audit_limit(given(request.param("auditLimit")));
    query.error_limit = projections::clamp_error_limit(given(request.param("errorLimit")));
    query.signal_limit = projections::clamp_signal_limit(given(request.param("signalLimit")));
    query.as_of_us = as_of_us;
    return query;
}

void write_core_metrics(JsonWriter& json, const projections::CoreMetrics& core) {
    const std::pair<std::string_view, std::int64_t> numbers[] = {
        {"inboundMessages", core.inbound_messages},
        {"outboundMessages", core.outbound_messages},
        {"outboundSent", core.outbound_sent},
        {"outboundDraft", core.outbound_draft},
        {"outboundHold", core.outbound_hold},
        {"outboundPendingReview", core.outbound_pending_review},
        {"aiDecisions", core.ai_decisions},
        {"aiRepliesCreated", core.ai_replies_created},
        {"aiRepliesSkipped", core.ai_replies_skipped},
        {"aiEscalations", core.ai_escalations},
        {"aiReplyErrors", core.ai_reply_errors},
        {"platformDispatchErrors", core.platform_dispatch_errors},
        {"platformDispatchDlq", core.platform_dispatch_dlq},
        {"bookingCreated", core.booking_created},
        {"bookingReplayed", core.booking_replayed},
        {"bookingConflicts", core.booking_conflicts},
        {"adminReviewDecisions", core.admin_review_decisions},
        {"auditEvents", core.audit_events},
    };
    json.key("coreMetrics").begin_object();
    for (const auto& [name, number] : numbers) json.key(name).number(number);
    json.end_object();
}

void write_counts(JsonWriter& json, std::string_view list, std::string_view key,
                  const std::vector<projections::KeyCount>& counts) {
    json.key(list).begin_array();
    for (const auto& count : counts)
        json.begin_object().field(key, count.key).key("count").number(count.count).end_object();
    json.end_array();
}

void write_failures(JsonWriter& json, const std::vector<projections::FailureCount>& failures) {
    json.key("platformFailures").begin_array();
    for (const auto& failure : failures) {
        json.begin_object().field("platform", failure.platform).field("stage", failure.stage);
        json.field("action", failure.action).key("count").number(failure.count).end_object();
    }
    json.end_array();
}

void write_agents(JsonWriter& json, const std::vector<projections::AgentCount>& agents) {
    json.key("auditByAgent").begin_array();
    for (const auto& agent : agents) {
        json.begin_object().field("agentId", agent.agent_id).field("actorType", agent.actor_type);
        json.key("count").number(agent.count).end_object();
    }
    json.end_array();
}

void write_signals(JsonWriter& json, const projections::Signals& signals) {
    json.key("signals").begin_object();
    write_counts(json, "escalationReasons", "reasonCode", signals.escalation_reasons);
    write_counts(json, "bookingsByStatus", "status", signals.bookings_by_status);
    write_counts(json, "bookingsByPlatform", "platform", signals.bookings_by_platform);
    write_failures(json, signals.platform_failures);
    write_counts(json, "auditByPlatform", "platform", signals.audit_by_platform);
    write_agents(json, signals.audit_by_agent);
    write_counts(json, "auditByConversation", "conversationId", signals.audit_by_conversation);
    json.end_object();
}

domain::Result<void> write_entries(JsonWriter& json, std::string_view list, const Core& core,
                                   const std::vector<domain::Position>& positions,
                                   const Opener& opener) {
    json.key(list).begin_array();
    for (const domain::Position position : positions) {
        const auto frame = core.ledger->frame_at(position);
        if (!frame) return tl::unexpected(frame.error());
        write_audit_entry(json, (*frame)->event(position.ordinal - (*frame)->first().ordinal),
                          opener);
    }
    json.end_array();
    return {};
}

Answer snapshot_answer(const Core& core, const Request& request) {
    const auto snapshots = core.engines->snapshots("audit");
    if (!snapshots) return answer_of(snapshots.error());
    const std::int64_t as_of_us = answer_time_us(core);
    const Observability seen =
        projections::observability(projections::rows_of(*snapshots), read_query(request, as_of_us));
    const Opener opener(*core.vault, request.principal.opens_sealed());

    JsonWriter json;
    json.begin_object().key("windowHours").number(seen.window_hours);
    write_core_metrics(json, seen.core_metrics);
    write_signals(json, seen.signals);
    if (auto written = write_entries(json, "recentErrors", core, seen.recent_errors, opener);
        !written) {
        return answer_of(written.error());
    }
    if (auto written = write_entries(json, "recentAudit", core, seen.recent_audit, opener);
        !written) {
        return answer_of(written.error());
    }
    write_parked(json, core, parked_in(*snapshots));
    write_as_of(json, core, reflected_in(*snapshots), as_of_us);
    Answer answer = json_answer(json.end_object().take());
    answer.headers.emplace_back("Cache-Control", "no-store");
    return answer;
}

}  // namespace

std::vector<Route> observability_routes(const Core& core) {
    Route route;
    route.path = "/api/admin/observability";
    route.access = Access::admin;
    route.takes_query = true;
    route.handle = asking(core, AnswersFrom{"audit"}, [&core](const Request& request, Params&) {
        return snapshot_answer(core, request);
    });
    return {std::move(route)};
}

}  // namespace decklog::api
