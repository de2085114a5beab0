// /api/rollouts/{id}/flagger/{hook}: what Flagger asks while it moves a canary. It reads the status
// alone: 2xx is a yes, anything else stops it or is one failed check more. Every answer is read
// from the rollout as it stands; no hook seals a check or changes a stage, so whoever can ask here
// can change nothing. Refusals say what is missing, since Flagger shows them in its events.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/answers.hpp"
#include "api/json_writer.hpp"
#include "api/rollouts/rollout_state.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/limits.hpp"

namespace decklog::api {
namespace {

using domain::Rollout;
using domain::RolloutStage;
using domain::gate::Verdict;

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr int kNo = 409;

struct Asked {
    const Rollout::State& rollout;
    std::int64_t now_us;
    std::optional<double> weight;  // percent that the canary has now; older Flaggers do not say
};

struct No {
    std::string code, why;
};
using Refusal = std::optional<No>;

// ---- what stands in the way

Refusal if_finished(const Rollout::State& rollout) {
    if (!is_finished(rollout.stage)) return std::nullopt;
    return No{"rollout_finished",
              "this rollout is " + std::string(to_text(rollout.stage)) + "; begin a new one"};
}

Refusal if_ended_badly(const Rollout::State& rollout) {
    return rollout.stage == RolloutStage::completed ? std::nullopt : if_finished(rollout);
}

Refusal if_red(const Rollout::State& rollout) {
    const auto inputs = domain::gate_inputs(rollout, {});
    const auto* red = domain::gate::red_gate(inputs);
    if (red == nullptr) return std::nullopt;
    return No{"gate_failed", "the gate " + red->name + " is red"};
}

/// Of a watch that people let go on by an override the old verdict counts no more.
bool is_rollback(const Rollout::State& rollout) {
    return rollout.stage == RolloutStage::rolled_back ||
           (rollout.watch.settled && rollout.watch.settled->verdict == Verdict::rollback);
}

std::string said_of(const domain::gate::Judgement& judgement) {
    std::string said = "the verdict is " + std::string(to_text(judgement.verdict)) + ": " +
                       std::string(meaning_of(judgement.reason));
    if (!judgement.subject.empty()) said += " (" + judgement.subject + ")";
    return said;
}

No not_promoted(const Rollout::State& rollout) {
    return {"not_promoted", rollout.is_judged ? said_of(rollout.verdict->judgement)
                                              : "this stage has not been judged at its weight yet"};
}

Refusal if_rollback(const Rollout::State& rollout) {
    if (!is_rollback(rollout)) return std::nullopt;
    return No{"rollback", not_promoted(rollout).why};
}

/// What a change of stage asks for; beyond the canary that was asked and answered.
Refusal unless_it_may_go_on(const Asked& asked) {
    const Rollout::State& rollout = asked.rollout;
    if (rollout.stage == RolloutStage::completed) return std::nullopt;
    if (auto no = if_ended_badly(rollout)) return no;
    if (auto no = if_red(rollout)) return no;
    const bool is_beyond = rollout.stage == RolloutStage::full && !is_rollback(rollout);
    if (is_beyond || domain::may_go_on(rollout, asked.now_us)) return std::nullopt;
    return not_promoted(rollout);
}

// ---- the hooks

/// An analysis that begins wants a rollout that is open: one that completed was of another release,
/// and an address that nobody changed since would let everything through.
Refusal confirm_rollout(const Asked& asked) {
    if (auto no = if_finished(asked.rollout)) return no;
    return if_rollback(asked.rollout);
}

/// Required gates have to have passed for this release, in whichever stage: Flagger asks before any
/// traffic, when decklog may be in the canary's stage already.
Refusal pre_rollout(const Asked& asked) {
    if (auto no = confirm_rollout(asked)) return no;
    if (auto no = if_red(asked.rollout)) return no;
    auto inputs = domain::gate_inputs(asked.rollout, {});
    inputs.stage_began_at_us = 0;
    std::string open;
    for (const std::string& name : domain::gate::open_gates(asked.rollout.policy, inputs))
        open += (open.empty() ? "" : ", ") + name;
    if (open.empty()) return std::nullopt;
    return No{"awaiting_gates", "required gates have not passed: " + open};
}

Refusal during_analysis(const Asked& asked) {
    if (auto no = if_ended_badly(asked.rollout)) return no;
    return if_rollback(asked.rollout);
}

/// The canary may have the weight of decklog's own stage, and goes beyond it with a promote.
Refusal confirm_traffic_increase(const Asked& asked) {
    const Rollout::State& rollout = asked.rollout;
    const double weight = asked.weight.value_or(0);
    if (rollout.stage == RolloutStage::shadow && weight > 0) {
        return No{"not_promoted",
                  "the canary has traffic and the rollout is in shadow: begin its canary"};
    }
    const bool is_granted = rollout.stage == RolloutStage::canary && asked.weight &&
                            weight < rollout.weight && !is_rollback(rollout) && !if_red(rollout);
    return is_granted ? std::nullopt : unless_it_may_go_on(asked);
}

/// What promotes a shadow is its exposure, which says nothing about a canary.
Refusal confirm_promotion(const Asked& asked) {
    if (asked.rollout.stage == RolloutStage::shadow)
        return No{"not_promoted", "the rollout is in shadow: begin its canary"};
    return unless_it_may_go_on(asked);
}

/// Here a yes rolls back.
Refusal rollback(const Asked& asked) {
    if (is_rollback(asked.rollout)) return std::nullopt;
    return No{"not_rolled_back", "nothing says that this release has to go back"};
}

Refusal take_note(const Asked&) { return std::nullopt; }

using Hook = Refusal (*)(const Asked&);
constexpr std::array<std::pair<std::string_view, Hook>, 8> kHooks{{
    {"confirm-rollout", confirm_rollout},
    {"pre-rollout", pre_rollout},
    {"rollout", during_analysis},
    {"confirm-traffic-increase", confirm_traffic_increase},
    {"confirm-promotion", confirm_promotion},
    {"post-rollout", take_note},
    {"rollback", rollback},
    {"event", take_note},
}};

// ---- asking

/// Members that are not known here pass, against the rule of this API (ADR 8): Flagger sends what
/// its version has, so one more of them in its next version would stop every canary.
domain::Decision<std::optional<double>> weight_in(std::string_view body) {
    auto fields = JsonFields::read(body, domain::limits::kJsonDepthMax);
    if (!fields) return tl::unexpected(fields.error());
    static_cast<void>(fields->required_id("name"));
    static_cast<void>(fields->required_id("namespace"));
    static_cast<void>(fields->text_or_none("phase"));
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    const auto* weight = fields->find("canaryWeight");
    if (weight == nullptr || weight->is_null()) return std::optional<double>{};
    if (!weight->is_number())
        return domain::reject("invalid_type", "send a percentage", "canaryWeight");
    if (!(weight->to_number<double>() >= 0) || !(weight->to_number<double>() <= 100))
        return domain::reject("invalid_weight", "send a percentage", "canaryWeight", 100);
    return std::optional(weight->to_number<double>());
}

Answer yes(const std::string& id, std::string_view hook, const Rollout::State& rollout) {
    JsonWriter json;
    json.begin_object()
        .field("rollout", id)
        .field("hook", hook)
        .field("stage", to_text(rollout.stage));
    if (rollout.is_judged) json.field("verdict", to_text(rollout.verdict->judgement.verdict));
    return json_answer(json.end_object().take());
}

Answer answer(const Core& core, const Request& request) {
    const std::string& id = request.captures.at(0);
    const auto* hook = std::find_if(kHooks.begin(), kHooks.end(), [&request](const auto& each) {
        return each.first == request.captures.at(1);
    });
    if (hook == kHooks.end())
        return error_answer(404, "not_found", "Flagger has no hook of this type", "hook");
    const auto weight = weight_in(request.body);
    if (!weight) return answer_of(weight.error());
    const auto rollout = load_rollout(*core.ledger, id);
    if (!rollout) return answer_of(rollout.error());
    if (!rollout->exists)
        return error_answer(404, "not_found", "there is no rollout with this id", "id");
    if (rollout->is_beyond_build) {
        return error_answer(kNo, "newer_build",
                            "a newer release wrote to this rollout; use that release");
    }
    const Refusal no = hook->second({*rollout, core.clock->now_us(), *weight});
    return no ? error_answer(kNo, no->code, no->why) : yes(id, hook->first, *rollout);
}

}  // namespace

std::vector<Route> flagger_routes(const Core& core) {
    Route route;
    route.method = Method::post;
    route.path = "/api/rollouts/{id}/flagger/{hook}";
    route.access = Access::viewer;
    route.body_bytes_max = kBodyBytesMax;
    route.takes_basic = true;
    route.handle = [&core](Request request, Reply reply) {
        core.run_blocking([&core, request = std::move(request), reply = std::move(reply)] {
            reply(answer(core, request));
        });
    };
    return {std::move(route)};
}

}  // namespace decklog::api
