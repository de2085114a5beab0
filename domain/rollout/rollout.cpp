#include "domain/rollout/rollout.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "domain/payload.hpp"
#include "domain/rollout/check_record.hpp"
#include "domain/rollout/deciding.hpp"
#include "domain/rollout/drills.hpp"
#include "domain/rollout/policy_record.hpp"
#include "domain/text.hpp"

namespace decklog::domain {
namespace {

static_assert(Decider<Rollout>);

constexpr double kWholeWeight = 100;
constexpr double kMillis = 1'000;
constexpr std::int64_t kWeightDecimalsMax = 3;
constexpr std::size_t kReasonBytesMax = 500;
constexpr std::size_t kEvidenceBytesMax = 500;
constexpr std::int64_t kOverrideMicrosMax = std::int64_t{7} * 24 * 3'600 * 1'000'000;

constexpr std::array kStages{RolloutStage::shadow,      RolloutStage::canary,
                             RolloutStage::full,        RolloutStage::completed,
                             RolloutStage::rolled_back, RolloutStage::aborted};

// ---- events

NewEvent stage_changed(const RolloutOrder& order, const Rollout::State& state, RolloutStage stage,
                       double weight, bool overridden) {
    fb::RolloutStageChangedT payload;
    payload.from_stage = to_text(state.stage);
    payload.from_weight = state.weight;
    payload.stage = to_text(stage);
    payload.weight = weight;
    payload.overridden = overridden;
    return event_of(EventType::rollout_stage_changed, order, encode_payload(payload));
}

NewEvent verdict_reached(const RolloutOrder& order, const Rollout::State& state,
                         const gate::Judgement& judgement, std::uint32_t number,
                         const gate::SealedCheck* check,
                         const std::vector<gate::MissingPlatform>& missing_platforms) {
    fb::VerdictReachedT payload;
    payload.verdict = to_text(judgement.verdict);
    payload.reason = to_text(judgement.reason);
    payload.subject = judgement.subject;
    payload.missing = to_text(judgement.missing);
    payload.has_cause = judgement.cause.has_value();
    payload.cause = judgement.cause.value_or(0);
    payload.number = number;
    payload.passes = judgement.passes;
    payload.policy_hash = state.policy_hash;
    payload.ln_share = judgement.ln_share;
    payload.ln_share_at = judgement.ln_share_at;
    if (check != nullptr) payload.check = record_of(*check);
    payload.evidence = record_of(judgement.streams);
    for (const auto& platform : missing_platforms)
        payload.missing_platforms.push_back(platform.name);
    return event_of(EventType::verdict_reached, order, encode_payload(payload));
}

// ---- deciding

Decision<Events> decide_on(const CreateRollout& command, const Rollout::State& state) {
    const std::pair<const char*, std::string_view> names[] = {
        {"id", command.order.id},
        {"service", command.service},
        {"release", command.release},
        {"baselineRelease", command.baseline_release}};
    for (const auto& [field, name] : names) {
        if (!is_name(name)) return not_a_name(field);
    }
    if (command.release == command.baseline_release) {
        return reject("same_release", "a release cannot be its own baseline", "baselineRelease");
    }
    if (auto refusal = gate::refusal_of(command.policy)) return tl::unexpected(std::move(*refusal));
    if (state.exists)
        return reject("already_created", "a rollout with this id exists; take a new id", "id");
    fb::RolloutCreatedT payload;
    payload.service = command.service;
    payload.release = command.release;
    payload.baseline_release = command.baseline_release;
    payload.policy_hash = command.policy_hash;
    payload.policy_text = gate::canonical_text(command.policy);
    payload.policy = record_of(command.policy);
    payload.salt = std::make_unique<fb::Key16>();
    std::memcpy(payload.salt.get(), command.salt.data(), command.salt.size());
    return Events{event_of(EventType::rollout_created, command.order, encode_payload(payload))};
}

/// The canary's next weight of the policy, where the command names none.
std::optional<double> planned_weight(const Rollout::State& state) {
    const double now = state.stage == RolloutStage::canary ? state.weight : 0;
    for (const double weight : state.policy.canary_weights) {
        if (weight > now) return weight;
    }
    return std::nullopt;
}

std::optional<Rejection> refusal_of_weight(const ChangeStage& command,
                                           const Rollout::State& state) {
    if (command.stage != RolloutStage::canary) {
        if (!command.weight) return std::nullopt;
        return Rejection{"invalid_weight", "only a canary has a weight", "weight"};
    }
    if (!command.weight) {
        return Rejection{"invalid_weight",
                         "the policy plans no weight above this one; name one, or go to full",
                         "weight"};
    }
    if (!(*command.weight > 0) || !(*command.weight < kWholeWeight)) {
        return Rejection{"invalid_weight",
                         "a canary's weight is a percentage above 0 and below 100", "weight", 100};
    }
    if (!gate::weight_millis(*command.weight)) {
        return Rejection{"invalid_weight", "a canary's weight has at most 3 decimals", "weight",
                         kWeightDecimalsMax};
    }
    if (state.stage == RolloutStage::canary && *command.weight < state.weight) {
        return Rejection{"invalid_weight",
                         "a canary's weight only grows, so that its units stay; roll back instead",
                         "weight"};
    }
    return std::nullopt;
}

/// From shadow to canary, to a higher weight, from the last weight to full; or once more where it
/// stands, after a hold.
bool is_next(const ChangeStage& command, const Rollout::State& state) {
    if (command.stage == RolloutStage::canary)
        return state.stage == RolloutStage::shadow || state.stage == RolloutStage::canary;
    return command.stage == RolloutStage::full && state.stage == RolloutStage::canary;
}

bool begins_again(const ChangeStage& command, const Rollout::State& state) {
    return command.stage == state.stage &&
           (command.stage != RolloutStage::canary || command.weight == state.weight);
}

/// People look at a hold at the horizon and let the stage begin a new watch.
bool waits_for_people(const Rollout::State& state) {
    return state.verdict && state.verdict->stage == state.stage && !state.watch.settled &&
           state.verdict->judgement.verdict == gate::Verdict::hold;
}

/// Hard gates are heard again at a change of stage: a promote stands, but one may be red since.
std::optional<Rejection> refusal_of_gates(const gate::GateInputs& gates,
                                          const Rollout::State& state) {
    if (const gate::GateResult* red = gate::red_gate(gates)) {
        return Rejection{"gate_failed",
                         "the gate " + red->name + " is red; record that it passed, or roll back",
                         "stage"};
    }
    const auto missing = gate::missing_required(state.policy, gates);
    if (missing.empty()) return std::nullopt;
    return Rejection{"missing_platforms",
                     "the required platform " + missing.front().name +
                         " shows no recent activity, or all its accounts are switched off; bring "
                         "it back, or roll back",
                     "stage"};
}

Decision<Events> decide_on(const ChangeStage& wish, const Rollout::State& state) {
    ChangeStage command = wish;
    if (command.stage == RolloutStage::canary && !command.weight)
        command.weight = planned_weight(state);
    if (auto refusal = refusal_of_weight(command, state)) return tl::unexpected(*refusal);
    // The number that its thousandths stand for, to the last bit, or a step would be none to some.
    if (command.weight) command.weight = *gate::weight_millis(*command.weight) / kMillis;
    if (command.stage == RolloutStage::aborted || command.stage == RolloutStage::rolled_back)
        return Events{stage_changed(command.order, state, command.stage, 0, false)};
    const double weight =
        command.stage == RolloutStage::full ? kWholeWeight : command.weight.value_or(0);
    if (begins_again(command, state)) {
        if (waits_for_people(state))
            return Events{stage_changed(command.order, state, command.stage, weight, false)};
        return reject("invalid_stage", "the rollout is in this stage already", "stage");
    }
    if (!is_next(command, state)) {
        return reject("invalid_stage",
                      "a rollout goes from shadow to canary to full, or to rolled_back or aborted",
                      "stage");
    }
    if (auto refusal = refusal_of_gates(gate_inputs(state, command.missing_platforms), state))
        return tl::unexpected(*std::move(refusal));
    const bool is_promoted =
        state.watch.settled && state.watch.settled->verdict == gate::Verdict::promote;
    if (!is_promoted && !may_go_on(state, command.order.now_us)) {
        return reject("not_promoted",
                      "the last verdict of this stage is not promote; wait for one (a rollback "
                      "stays), or override",
                      "stage");
    }
    return Events{stage_changed(command.order, state, command.stage, weight, !is_promoted)};
}

Decision<Events> decide_on(const SealCheck& command, const Rollout::State& state) {
    if (state.open_check)
        return reject("check_open", "the last check has no verdict yet; ask again", {});
    if (state.watch.settled)
        return reject("verdict_stands", "this stage has its verdict; change the stage", {});
    fb::CheckSealedT payload;
    payload.number = state.checks + 1;
    payload.after_ordinal = state.last_ordinal;
    payload.cause = command.cause;
    return Events{event_of(EventType::check_sealed, command.order, encode_payload(payload))};
}

Decision<Events> decide_on(const JudgeCheck& command, const Rollout::State& state) {
    const bool is_open = state.open_check && state.open_check->ordinal == command.seal_ordinal;
    if (!is_open || is_finished(state.stage) || needs_baseline(state)) return Events{};
    if (command.check.streams.size() != state.policy.streams.size())
        return reject("counts", "the counts are of another policy", "streams");
    const auto judged = gate::judge(state.policy, state.watch, command.check,
                                    gate_inputs(state, command.missing_platforms));
    Events events{verdict_reached(command.order, state, judged.judgement, state.open_check->number,
                                  &command.check, command.missing_platforms)};
    const bool completes =
        state.stage == RolloutStage::full && judged.judgement.verdict == gate::Verdict::promote;
    if (completes) {
        events.push_back(
            stage_changed(command.order, state, RolloutStage::completed, kWholeWeight, false));
    }
    return events;
}

Decision<Events> decide_on(const FreezeBaseline& command, const Rollout::State& state) {
    const bool is_of_watch = command.until_ordinal == state.watch_began_ordinal;
    if (!is_of_watch || !needs_baseline(state)) return Events{};
    if (command.streams.size() != state.policy.streams.size())
        return reject("counts", "the baselines are of another policy", "streams");
    fb::BaselineFrozenT payload;
    payload.until_ordinal = command.until_ordinal;
    for (const FreezeBaseline::Stream& stream : command.streams) {
        auto row = std::make_unique<fb::GateFrozenT>();
        row->units = stream.units;
        row->errors = stream.errors;
        row->from_ordinal = stream.from_ordinal;
        payload.streams.push_back(std::move(row));
    }
    return Events{event_of(EventType::baseline_frozen, command.order, encode_payload(payload))};
}

Decision<Events> decide_on(const JudgeGates& command, const Rollout::State& state) {
    if (is_finished(state.stage)) return Events{};
    const auto judged =
        gate::judge_gates(state.policy, state.watch, gate_inputs(state, command.missing_platforms));
    if (!judged) return Events{};
    return Events{verdict_reached(command.order, state, judged->judgement, 0, nullptr,
                                  command.missing_platforms)};
}

Decision<Events> decide_on(const RecordGate& command, const Rollout::State& state) {
    if (!is_name(command.name)) return not_a_name("name");
    if (!command.release.empty() && !is_name(command.release)) return not_a_name("release");
    if (command.evidence.size() > kEvidenceBytesMax || !is_plain_text(command.evidence)) {
        return reject("invalid_evidence",
                      "evidence is a link or a name of up to 500 bytes without control characters",
                      "evidence", kEvidenceBytesMax);
    }
    fb::GateResultRecordedT payload;
    payload.name = command.name;
    payload.passed = command.passed;
    payload.release = command.release.empty() ? state.release : command.release;
    payload.evidence = command.evidence;
    return Events{
        event_of(EventType::gate_result_recorded, command.order, encode_payload(payload))};
}

Decision<Events> decide_on(const OverrideRollout& command, const Rollout::State&) {
    const bool is_blank = command.reason.find_first_not_of(' ') == std::string::npos;
    if (is_blank || command.reason.size() > kReasonBytesMax || !is_plain_text(command.reason)) {
        return reject("invalid_reason",
                      "an override says why, in 1 to 500 bytes without control characters",
                      "reason", kReasonBytesMax);
    }
    const std::int64_t lasts_us = command.expires_at_us - command.order.now_us;
    if (lasts_us <= 0)
        return reject("invalid_expiry", "an override ends in the future", "expiresAt");
    if (lasts_us > kOverrideMicrosMax) {
        return reject("invalid_expiry", "an override ends within 7 days (604800 seconds)",
                      "expiresAt", kOverrideMicrosMax / 1'000'000);
    }
    fb::RolloutOverriddenT payload;
    payload.reason = command.reason;
    payload.expires_at = command.expires_at_us;
    return Events{event_of(EventType::rollout_overridden, command.order, encode_payload(payload))};
}

template <class Command>
constexpr bool kIsQuietWhenFinished =
    std::is_same_v<Command, JudgeCheck> || std::is_same_v<Command, JudgeGates> ||
    std::is_same_v<Command, FreezeBaseline>;

/// What was done after the verdict, a way back above all, is told of a finished rollout too.
template <class Command>
constexpr bool kIsTakenWhenFinished =
    std::is_same_v<Command, RecordCommandRan> || std::is_same_v<Command, RecordDrill>;

template <class Command>
Decision<Events> decide_existing(const Command& command, const Rollout::State& state) {
    if (!state.exists) return reject("not_found", "there is no rollout with this id", "id");
    if (is_finished(state.stage) && !kIsQuietWhenFinished<Command> &&
        !kIsTakenWhenFinished<Command>) {
        return reject("rollout_finished",
                      "this rollout is " + std::string(to_text(state.stage)) + "; begin a new one",
                      {});
    }
    return decide_on(command, state);
}

const RolloutOrder& order_of(const Rollout::Command& command) {
    return std::visit([](const auto& c) -> const RolloutOrder& { return c.order; }, command);
}

std::string name_of(const Rollout::Command& command) {
    static constexpr std::array<const char*, std::variant_size_v<Rollout::Command>> kNames{
        "create_rollout",     "change_stage", "seal_check",       "judge_check",
        "judge_gates",        "record_gate",  "override_rollout", "freeze_baseline",
        "record_command_ran", "record_drill"};
    return kNames.at(command.index());
}

}  // namespace

std::string_view to_text(RolloutStage stage) {
    switch (stage) {
        case RolloutStage::shadow:
            return "shadow";
        case RolloutStage::canary:
            return "canary";
        case RolloutStage::full:
            return "full";
        case RolloutStage::completed:
            return "completed";
        case RolloutStage::rolled_back:
            return "rolled_back";
        case RolloutStage::aborted:
            return "aborted";
    }
    return "";
}

std::optional<RolloutStage> rollout_stage_from_text(std::string_view text) {
    const auto found = std::find_if(kStages.begin(), kStages.end(),
                                    [text](RolloutStage stage) { return to_text(stage) == text; });
    return found == kStages.end() ? std::nullopt : std::optional(*found);
}

bool is_finished(RolloutStage stage) {
    return stage == RolloutStage::completed || stage == RolloutStage::rolled_back ||
           stage == RolloutStage::aborted;
}

std::vector<StreamRef> Rollout::reads(const Command& command) {
    return {StreamRef{order_of(command).workspace, rollout_stream(order_of(command).id)}};
}

Decision<Events> Rollout::decide(const Command& command, const State& state) {
    if (state.is_beyond_build) {
        return reject("newer_build", "a newer release wrote to this rollout; use that release", {});
    }
    return std::visit(
        [&state](const auto& c) -> Decision<Events> {
            if constexpr (std::is_same_v<std::decay_t<decltype(c)>, CreateRollout>) {
                return decide_on(c, state);
            } else {
                return decide_existing(c, state);
            }
        },
        command);
}

Intent rollout_command(Rollout::Command command) {
    const RolloutOrder order = order_of(command);
    std::string name = name_of(command);
    return intent<Rollout>(std::move(name), StreamRef{order.workspace, rollout_stream(order.id)},
                           std::move(command));
}

std::string rollout_stream(std::string_view id) { return "rollout/" + std::string(id); }

bool needs_baseline(const Rollout::State& state) {
    if (!state.exists || is_finished(state.stage) || !state.watch.frozen.empty()) return false;
    return std::any_of(state.policy.streams.begin(), state.policy.streams.end(),
                       [&state](const gate::StreamPolicy& stream) {
                           return gate::is_held_against_frozen(stream, state.watch.stage);
                       });
}

gate::GateInputs gate_inputs(const Rollout::State& state,
                             std::vector<gate::MissingPlatform> missing_platforms) {
    return {state.release, state.watch.began_at_us, state.gates, std::move(missing_platforms),
            passed_drills(state)};
}

bool may_go_on(const Rollout::State& state, std::int64_t now_us) {
    if (state.watch.settled && state.watch.settled->verdict == gate::Verdict::promote) return true;
    return state.overridden && now_us < state.overridden->expires_at_us;
}

}  // namespace decklog::domain
