// What the events of a rollout's stream say; what is decided on it: rollout.cpp.
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "domain/registry.hpp"
#include "domain/rollout/check_record.hpp"
#include "domain/rollout/drills.hpp"
#include "domain/rollout/policy_record.hpp"
#include "domain/rollout/rollout.hpp"

namespace decklog::domain {
namespace {

gate::Watch watch_of(RolloutStage stage, std::int64_t now_us) {
    gate::Watch watch;
    watch.stage = stage == RolloutStage::shadow   ? gate::Stage::shadow
                  : stage == RolloutStage::canary ? gate::Stage::canary
                                                  : gate::Stage::full;
    watch.began_at_us = now_us;
    return watch;
}

template <class Table>
std::optional<typename Table::NativeTableType> unpacked(const EventView& event) {
    const auto* payload = event.payload_as<Table>();
    if (payload == nullptr) return std::nullopt;
    typename Table::NativeTableType native;
    payload->UnPackTo(&native);
    return native;
}

bool on_created(Rollout::State& state, const EventView& event) {
    const auto created = unpacked<fb::RolloutCreated>(event);
    if (!created || !created->policy || !created->salt) return false;
    auto policy = policy_of(*created->policy);
    if (!policy) return false;
    state.exists = true;
    state.service = created->service;
    state.release = created->release;
    state.baseline_release = created->baseline_release;
    state.policy = *std::move(policy);
    state.policy_hash = created->policy_hash;
    std::memcpy(state.salt.data(), created->salt.get(), state.salt.size());
    state.created_ordinal = state.last_ordinal = event.position().ordinal;
    state.watch_began_ordinal = event.position().ordinal;
    state.created_at_us = event.recorded_at_us();
    state.watch = watch_of(RolloutStage::shadow, event.recorded_at_us());
    return true;
}

bool on_stage_changed(Rollout::State& state, const EventView& event) {
    const auto changed = unpacked<fb::RolloutStageChanged>(event);
    const auto stage = changed ? rollout_stage_from_text(changed->stage) : std::nullopt;
    if (!stage) return false;
    const bool is_next_step = *stage == state.stage && changed->weight != state.weight;
    if (is_next_step) {
        state.watch = gate::next_step(std::move(state.watch));
        state.watch.settled.reset();  // an override lets it go on
    } else if (!is_finished(*stage)) {
        state.watch = watch_of(*stage, event.recorded_at_us());
        state.watch_began_ordinal = event.position().ordinal;
    }
    state.stage = *stage;
    state.weight = changed->weight;
    state.overridden.reset();
    // A seal of the stage before is never judged: its counts would be of two stages.
    if (state.open_check) state.open_check.reset();
    if (is_finished(*stage)) return true;
    state.last_ordinal = event.position().ordinal;
    state.is_judged = false;
    return true;
}

bool on_sealed(Rollout::State& state, const EventView& event) {
    const auto sealed = unpacked<fb::CheckSealed>(event);
    if (!sealed) return false;
    state.checks = sealed->number;
    state.last_ordinal = event.position().ordinal;
    state.open_check = Rollout::Sealed{sealed->number, event.position().ordinal,
                                       event.recorded_at_us(), event.event_id()};
    return true;
}

template <class Value, std::size_t N>
std::optional<Value> named(const std::string& name, const std::array<Value, N>& values) {
    for (const Value value : values) {
        if (gate::to_text(value) == name) return value;
    }
    return std::nullopt;
}

std::optional<gate::Verdict> verdict_named(const std::string& name) {
    using enum gate::Verdict;
    return named(name, std::array{promote, proceed, hold, rollback});
}

std::optional<gate::Reason> reason_named(const std::string& name) {
    using enum gate::Reason;
    return named(name, std::array{none,
                                  gate_failed,
                                  missing_platforms,
                                  regression,
                                  canary_silent,
                                  share_mismatch,
                                  burn_rate,
                                  horizon_reached,
                                  not_worse,
                                  exposure_met,
                                  watch_complete,
                                  no_data,
                                  no_baseline,
                                  gap,
                                  not_proven,
                                  awaiting_exposure,
                                  awaiting_time,
                                  awaiting_confirmation,
                                  awaiting_gates,
                                  drill_missing});
}

bool on_verdict(Rollout::State& state, const EventView& event) {
    auto reached = unpacked<fb::VerdictReached>(event);
    if (!reached) return false;
    const auto verdict = verdict_named(reached->verdict);
    const auto reason = reason_named(reached->reason);
    const auto missing = reason_named(reached->missing);
    if (!verdict || !reason || !missing) return false;
    gate::Judgement judgement;
    judgement.verdict = *verdict;
    judgement.reason = *reason;
    judgement.subject = reached->subject;
    if (reached->has_cause) judgement.cause = reached->cause;
    judgement.missing = *missing;
    judgement.passes = reached->passes;
    judgement.ln_share = reached->ln_share;
    judgement.ln_share_at = reached->ln_share_at;
    judgement.streams = evidence_of(reached->evidence);
    if (reached->check) state.watch.checks.push_back(check_of(*reached->check));
    judgement.checks = static_cast<std::uint32_t>(state.watch.checks.size());
    state.watch.passes = reached->passes;
    if (*verdict == gate::Verdict::promote || *verdict == gate::Verdict::rollback) {
        state.watch.settled = gate::Settled{*verdict, *reason, judgement.subject, judgement.cause};
    }
    if (reached->number > 0) state.open_check.reset();
    state.verdict = Rollout::Verdict{std::move(judgement),   std::move(reached->missing_platforms),
                                     reached->number,        event.position().ordinal,
                                     event.recorded_at_us(), state.stage};
    state.is_judged = true;
    return true;
}

bool on_gate(Rollout::State& state, const EventView& event) {
    const auto recorded = unpacked<fb::GateResultRecorded>(event);
    if (!recorded) return false;
    std::erase_if(state.gates, [&recorded](const gate::GateResult& before) {
        return before.name == recorded->name && before.release == recorded->release;
    });
    state.gates.push_back({recorded->name, recorded->passed, recorded->release,
                           event.recorded_at_us(), event.position().ordinal, recorded->evidence});
    return true;
}

bool on_frozen(Rollout::State& state, const EventView& event) {
    const auto frozen = unpacked<fb::BaselineFrozen>(event);
    if (!frozen || frozen->streams.size() != state.policy.streams.size()) return false;
    state.watch.frozen.clear();
    for (const auto& stream : frozen->streams) {
        state.watch.frozen.push_back(
            {static_cast<double>(stream->units), static_cast<double>(stream->errors)});
    }
    return true;
}

bool on_overridden(Rollout::State& state, const EventView& event) {
    const auto overridden = unpacked<fb::RolloutOverridden>(event);
    if (!overridden) return false;
    state.overridden =
        Rollout::Override{overridden->reason,
                          {std::string(event.actor_type()), std::string(event.actor_id())},
                          overridden->expires_at,
                          event.position().ordinal,
                          std::string(event.recorded_by())};
    return true;
}

bool fold(Rollout::State& state, const EventView& event) {
    if (event.is(EventType::rollout_created)) return on_created(state, event);
    if (event.is(EventType::rollout_stage_changed)) return on_stage_changed(state, event);
    if (event.is(EventType::check_sealed)) return on_sealed(state, event);
    if (event.is(EventType::verdict_reached)) return on_verdict(state, event);
    if (event.is(EventType::gate_result_recorded)) return on_gate(state, event);
    if (event.is(EventType::rollout_overridden)) return on_overridden(state, event);
    if (event.is(EventType::baseline_frozen)) return on_frozen(state, event);
    if (event.is(EventType::rollout_command_ran)) return on_command_ran(state, event);
    if (event.is(EventType::drill_recorded)) return on_drill(state, event);
    return event.is(EventType::command_noted);
}

}  // namespace

Rollout::State Rollout::evolve(State state, const EventView& event) {
    const TypeInfo* info = find_type(event.type());
    if (state.is_beyond_build || info == nullptr || event.schema_version() > info->schema_version ||
        !fold(state, event)) {
        state.is_beyond_build = true;
    }
    return state;
}

}  // namespace decklog::domain
