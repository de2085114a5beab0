#include "api/rollouts/rollout_json.hpp"

#include <sodium.h>

#include "api/answers.hpp"
#include "api/gate/report_json.hpp"
#include "api/rollouts/error_events.hpp"
#include "domain/gate/explain.hpp"
#include "domain/gate/report_text.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

using domain::Rollout;
using domain::RolloutStage;

std::string cursor(const Core& core, std::uint64_t ordinal) {
    return cursor_of(core, {0, ordinal});
}

/// People ended it after a promote, which must not be acted on any more.
bool is_called_off(const Rollout::State& state) {
    const bool is_ended =
        state.stage == RolloutStage::rolled_back || state.stage == RolloutStage::aborted;
    return is_ended && state.verdict &&
           state.verdict->judgement.verdict == domain::gate::Verdict::promote;
}

void write_called_off(JsonWriter& out, const Rollout::State& state) {
    const bool is_back = state.stage == RolloutStage::rolled_back;
    out.field("verdict", is_back ? "rollback" : "hold")
        .field("reason", to_text(state.stage))
        .field("stage", to_text(state.verdict->stage));
    out.key("streams").begin_array().end_array();
    out.field("text", is_back ? "ROLLBACK: people rolled it back after its promote\n"
                              : "HOLD: people aborted it after its promote\n");
}

/// The explanation of the last verdict; its watch may be over.
domain::gate::Report report_of(const Rollout::State& state) {
    const Rollout::Verdict& last = *state.verdict;
    return domain::gate::explain(state.policy, last.judgement, state.watch,
                                 domain::gate_inputs(state, {}));
}

bool can_be_explained(const Rollout::State& state) {
    const bool is_of_watch = state.verdict->stage == state.stage || is_finished(state.stage);
    return is_of_watch && !state.watch.checks.empty();
}

void write_plain_verdict(JsonWriter& out, const Rollout::Verdict& last) {
    out.field("verdict", to_text(last.judgement.verdict))
        .field("reason", to_text(last.judgement.reason))
        .field_if_any("subject", last.judgement.subject)
        .field("stage", to_text(last.stage));
    if (last.judgement.cause) out.key("cause").number(*last.judgement.cause);
    out.key("streams").begin_array().end_array();
}

void write_gates(JsonWriter& out, const Core& core, const Rollout::State& state) {
    out.key("gates").begin_array();
    for (const auto& gate : state.gates) {
        out.begin_object()
            .field("name", gate.name)
            .field("status", gate.passed ? "passed" : "failed")
            .field("release", gate.release)
            .field("recordedAt", domain::to_rfc3339(gate.recorded_at_us))
            .field("position", cursor(core, gate.position))
            .end_object();
    }
    out.end_array();
}

void write_override(JsonWriter& out, const Core& core, const Rollout::State& state) {
    out.key("override");
    if (!state.overridden) {
        out.null();
        return;
    }
    out.begin_object()
        .field("reason", state.overridden->reason)
        .field("by", state.overridden->actor.id)
        .field("expiresAt", domain::to_rfc3339(state.overridden->expires_at_us))
        .field("position", cursor(core, state.overridden->ordinal))
        .end_object();
}

void write_drills(JsonWriter& out, const Rollout::State& state) {
    out.key("drills").begin_array();
    for (const Rollout::Drill& drill : state.drills) {
        out.begin_object().field("kind", drill.kind).key("passed").boolean(drill.passed);
        out.field("run", drill.run)
            .field("environment", drill.environment)
            .field_if_any("followUpOwner", drill.follow_up_owner)
            .field("at", domain::to_rfc3339(drill.recorded_at_us))
            .end_object();
    }
    out.end_array();
}

}  // namespace

void write_verdict(JsonWriter& out, const Core& core, const std::string& id,
                   const Rollout::State& state) {
    out.begin_object().field("rollout", id);
    if (!state.verdict) {
        out.field("verdict", "continue")
            .field("reason", "no_data")
            .field("stage", to_text(state.stage));
        out.key("streams").begin_array().end_array();
    } else if (is_called_off(state)) {
        write_called_off(out, state);
    } else if (can_be_explained(state)) {
        auto report = report_of(state);
        find_error_events(*core.ledger, state, report);
        write_report(out, report);
        out.field("text", domain::gate::report_text(report));
    } else {
        write_plain_verdict(out, *state.verdict);
    }
    out.key("positions").begin_object();
    out.field("from", cursor(core, state.watch_began_ordinal));
    out.field("to", cursor(core, state.last_ordinal));
    if (state.verdict) out.field("verdict", cursor(core, state.verdict->ordinal));
    out.end_object();
    out.key("missingPlatforms").begin_array();
    if (state.verdict) {
        for (const std::string& platform : state.verdict->missing_platforms) out.text(platform);
    }
    out.end_array().field("policyHash", state.policy_hash);
    if (state.verdict) out.field("reachedAt", domain::to_rfc3339(state.verdict->reached_at_us));
    out.end_object();
}

void write_rollout(JsonWriter& out, const Core& core, const std::string& id,
                   const Rollout::State& state) {
    out.begin_object()
        .field("id", id)
        .field("service", state.service)
        .field("release", state.release)
        .field("baselineRelease", state.baseline_release)
        .field("stage", to_text(state.stage));
    out.key("weight").raw(json_number(state.weight));
    out.field("createdAt", domain::to_rfc3339(state.created_at_us))
        .field("stageBeganAt", domain::to_rfc3339(state.watch.began_at_us))
        .field("policyHash", state.policy_hash)
        .field("policy", domain::gate::canonical_text(state.policy));
    out.key("checks").number(state.checks);
    write_gates(out, core, state);
    write_override(out, core, state);
    out.key("lastVerdict");
    write_verdict(out, core, id, state);
    write_drills(out, state);
    out.end_object();
}

std::string_view cohort_of(const Rollout::State& state, std::string_view unit) {
    if (state.stage == RolloutStage::full || state.stage == RolloutStage::completed) return "full";
    if (state.stage != RolloutStage::canary) return "shadow";
    constexpr double kWhole = 18446744073709551616.0;  // 2^64
    std::array<std::uint8_t, 16> hash{};
    ::crypto_generichash(hash.data(), hash.size(),
                         reinterpret_cast<const unsigned char*>(unit.data()), unit.size(),
                         state.salt.data(), state.salt.size());
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | hash.at(i);
    return static_cast<double>(number) / kWhole * 100 < state.weight ? "canary" : "shadow";
}

}  // namespace decklog::api
