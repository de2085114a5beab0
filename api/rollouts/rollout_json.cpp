#include "api/rollouts/rollout_json.hpp"

#include <sodium.h>

#include "api/answers.hpp"
#include "api/gate/report_json.hpp"
#include "api/rollouts/error_events.hpp"
#include "api/rollouts/rollout_state.hpp"
#include "domain/gate/explain.hpp"
#include "domain/gate/report_text.hpp"
#include "domain/rollout/standing.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

using domain::Rollout;
using domain::RolloutStage;

std::string cursor(const Core& core, std::uint64_t ordinal) {
    return cursor_of(core, {0, ordinal});
}

constexpr std::string_view kNotJudged = "not_judged";

/// For evidence: what was judged by what, then the explanation.
std::string markdown_of(const Core& core, const std::string& id, const Rollout::State& state,
                        const domain::gate::Report& report) {
    const Rollout::Verdict& last = *state.verdict;
    std::string text = "# " + id + ": " + std::string(to_text(last.judgement.verdict)) + "\n\n";
    text += "- service " + state.service + ", release " + state.release + " after " +
            state.baseline_release + "\n";
    text += "- reached " + domain::to_rfc3339(last.reached_at_us) + " at position " +
            cursor(core, last.ordinal) + "\n";
    text += "- policy " + state.policy_hash + "\n\n";
    return text + domain::gate::report_markdown(report);
}

/// What no judge said: nothing was counted for it.
void write_words(JsonWriter& out, const Standing& standing) {
    out.field("verdict", standing.verdict)
        .field("reason", standing.reason)
        .field("stage", standing.stage);
    out.key("streams").begin_array().end_array();
    out.field("text", standing.verdict + ": " + standing.why + " (" + standing.reason + ")\n");
}

Standing called_off(const Rollout::State& state) {
    const bool is_back = state.stage == RolloutStage::rolled_back;
    return {std::string(to_text(*domain::standing_verdict(state))),
            std::string(to_text(state.stage)),
            {},
            std::string(to_text(state.is_judged ? state.verdict->stage : state.stage)),
            is_back ? "people rolled it back" : "people ended it"};
}

Standing not_judged(const Rollout::State& state) {
    const std::string stage(to_text(state.stage));
    std::string where = stage;
    if (state.stage == RolloutStage::canary) where += " at " + json_number(state.weight) + " %";
    return {"continue", std::string(kNotJudged), {}, stage, "nothing was judged yet in " + where};
}

/// The explanation of a verdict of this stage.
domain::gate::Report report_of(const Rollout::State& state) {
    const Rollout::Verdict& last = *state.verdict;
    return domain::gate::explain(state.policy, last.judgement, state.watch,
                                 domain::gate_inputs(state, {}));
}

void write_plain_verdict(JsonWriter& out, const Core& core, const Rollout::Verdict& last) {
    out.field("verdict", to_text(last.judgement.verdict))
        .field("reason", to_text(last.judgement.reason))
        .field_if_any("subject", last.judgement.subject)
        .field("stage", to_text(last.stage));
    if (last.judgement.cause) out.field("cause", cursor(core, *last.judgement.cause));
    out.key("streams").begin_array().end_array();
}

void write_gates(JsonWriter& out, const Core& core, const Rollout::State& state) {
    out.key("gates").begin_array();
    for (const auto& gate : state.gates) {
        out.begin_object()
            .field("name", gate.name)
            .field("status", gate.passed ? "passed" : "failed")
            .field("release", gate.release)
            .field_if_any("evidence", gate.evidence)
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
        .field("recordedBy", state.overridden->recorded_by)
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

void write_explained(JsonWriter& out, const Core& core, const std::string& id,
                     const Rollout::State& state) {
    auto report = report_of(state);
    find_error_events(*core.ledger, state, report);
    write_report(out, report, [&core](std::uint64_t ordinal) { return cursor(core, ordinal); });
    out.field("text", domain::gate::report_text(report));
    out.field("markdown", markdown_of(core, id, state, report));
}

/// Where in the log it is from, and what it was judged by.
void write_origin(JsonWriter& out, const Core& core, const Rollout::State& state,
                  const Rollout::Verdict* verdict) {
    out.key("positions").begin_object();
    out.field("from", cursor(core, state.watch_began_ordinal));
    out.field("to", cursor(core, state.last_ordinal));
    if (verdict != nullptr) out.field("verdict", cursor(core, verdict->ordinal));
    out.end_object();
    out.key("missingPlatforms").begin_array();
    if (verdict != nullptr) {
        for (const std::string& platform : verdict->missing_platforms) out.text(platform);
    }
    out.end_array().field("policyHash", state.policy_hash);
    if (verdict == nullptr) return;
    out.field("position", cursor(core, verdict->ordinal));
    out.field("reachedAt", domain::to_rfc3339(verdict->reached_at_us));
}

/// The verdict that was reached last, at whichever stage.
void write_last_verdict(JsonWriter& out, const Core& core, const std::string& id,
                        const Rollout::State& state) {
    if (!state.verdict) {
        out.null();
        return;
    }
    if (state.is_judged || domain::is_called_off(state)) return write_verdict(out, core, id, state);
    // It is explained as it was then: the next stage has ended its watch.
    const auto then = load_rollout(*core.ledger, id, state.verdict->ordinal);
    if (then) return write_verdict(out, core, id, *then);
    out.begin_object().field("rollout", id);
    write_plain_verdict(out, core, *state.verdict);
    write_origin(out, core, state, &*state.verdict);
    out.end_object();
}

void write_standing(JsonWriter& out, const std::string& id, const Standing& standing) {
    out.begin_object().field("rollout", id);
    if (standing.why.empty()) {
        out.field("verdict", standing.verdict)
            .field("reason", standing.reason)
            .field_if_any("subject", standing.subject)
            .field("stage", standing.stage);
    } else {
        write_words(out, standing);
    }
    out.end_object();
}

Standing standing_of(const domain::gate::Judgement& judgement, RolloutStage stage) {
    return {std::string(to_text(judgement.verdict)), std::string(to_text(judgement.reason)),
            judgement.subject, std::string(to_text(stage))};
}

}  // namespace

Standing standing_of(const Rollout::State& state,
                     const std::vector<domain::gate::MissingPlatform>& missing) {
    if (domain::is_called_off(state)) return called_off(state);
    if (const auto red = domain::red_judgement(state, missing))
        return standing_of(*red, state.stage);
    if (state.is_judged) return standing_of(state.verdict->judgement, state.verdict->stage);
    return not_judged(state);
}

void write_verdict(JsonWriter& out, const Core& core, const std::string& id,
                   const Rollout::State& state) {
    out.begin_object().field("rollout", id);
    if (domain::is_called_off(state)) {
        write_words(out, called_off(state));
    } else if (state.is_judged) {
        write_explained(out, core, id, state);
    } else {
        write_words(out, not_judged(state));
    }
    write_origin(out, core, state, state.is_judged ? &*state.verdict : nullptr);
    out.end_object();
}

void write_rollout(JsonWriter& out, const Core& core, const std::string& id,
                   const Rollout::State& state, const Written& written) {
    out.begin_object()
        .field_if_any("position", written.position)
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
    out.key("standing");
    write_standing(out, id, standing_of(state, written.missing));
    out.key("lastVerdict");
    write_last_verdict(out, core, id, state);
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
