#include "domain/rollout/policy_record.hpp"

#include <array>

namespace decklog::domain {
namespace {

using namespace gate;  // NOLINT: this file is about its policy
using Alternatives = std::vector<std::unique_ptr<fb::GateAlternativeT>>;

Alternatives record_of(const Mixture& mixture) {
    Alternatives record;
    for (const Alternative& each : mixture) {
        auto row = std::make_unique<fb::GateAlternativeT>();
        row->value = each.value;
        row->weight = each.weight;
        record.push_back(std::move(row));
    }
    return record;
}

Mixture mixture_of(const Alternatives& record) {
    Mixture mixture;
    for (const auto& row : record) mixture.push_back({row->value, row->weight});
    return mixture;
}

std::unique_ptr<fb::GateStreamT> record_of(const StreamPolicy& stream) {
    auto record = std::make_unique<fb::GateStreamT>();
    record->action = stream.action;
    record->platform = stream.platform;
    record->role = to_text(stream.role);
    record->weight = stream.weight;
    record->attempts = stream.attempts;
    record->unit = to_text(stream.unit);
    record->baseline = to_text(stream.baseline);
    record->floor = stream.floor;
    record->floor_only = stream.floor_only;
    record->baseline_errors = stream.baseline_errors;
    return record;
}

/// The value that has this text.
template <class Value, std::size_t N>
std::optional<Value> of_text(const std::string& text, const std::array<Value, N>& values) {
    for (const Value value : values) {
        if (to_text(value) == text) return value;
    }
    return std::nullopt;
}

std::optional<StreamPolicy> stream_of(const fb::GateStreamT& record) {
    const auto role = of_text(
        record.role, std::array{StreamRole::required, StreamRole::advisory, StreamRole::dry_run});
    const auto unit =
        of_text(record.unit, std::array{UnitOf::unit, UnitOf::conversation, UnitOf::stream});
    const auto baseline =
        of_text(record.baseline,
                std::array{BaselineKind::concurrent, BaselineKind::previous, BaselineKind::floor});
    if (!role || !unit || !baseline) return std::nullopt;
    StreamPolicy stream;
    stream.action = record.action;
    stream.platform = record.platform;
    stream.role = *role;
    stream.weight = record.weight;
    stream.attempts = record.attempts;
    stream.unit = *unit;
    stream.baseline = *baseline;
    stream.floor = record.floor;
    stream.floor_only = record.floor_only;
    stream.baseline_errors = record.baseline_errors;
    return stream;
}

}  // namespace

std::unique_ptr<fb::GatePolicyT> record_of(const gate::Policy& policy) {
    auto record = std::make_unique<fb::GatePolicyT>();
    record->alpha = policy.alpha;
    record->ratio_ok = policy.ratio_ok;
    record->ratio_bad = policy.ratio_bad;
    record->horizon = policy.horizon;
    record->restart = policy.restart;
    record->consecutive_checks = policy.consecutive_checks;
    record->minimum_exposure = policy.minimum_exposure;
    record->canary_weights = policy.canary_weights;
    record->full_watch_seconds = policy.full_watch_seconds;
    record->seal_every_seconds = policy.seal_every_seconds;
    record->seal_units = policy.seal_units;
    record->gap_share = policy.gap_share;
    record->silence_checks = policy.silence.checks;
    record->silence_seconds = policy.silence.seconds;
    record->silence_expected_units = policy.silence.expected_units;
    record->regression = record_of(policy.grids.regression);
    record->promotion = record_of(policy.grids.promotion);
    record->floor = record_of(policy.grids.floor);
    record->floor_regression = record_of(policy.grids.floor_regression);
    record->share = record_of(policy.grids.share);
    record->required_platforms = policy.required_platforms;
    record->required_gates = policy.required_gates;
    record->required_drills = policy.required_drills;
    for (const StreamPolicy& stream : policy.streams) record->streams.push_back(record_of(stream));
    return record;
}

std::optional<gate::Policy> policy_of(const fb::GatePolicyT& record) {
    Policy policy;
    policy.alpha = record.alpha;
    policy.ratio_ok = record.ratio_ok;
    policy.ratio_bad = record.ratio_bad;
    policy.horizon = record.horizon;
    policy.restart = record.restart;
    policy.consecutive_checks = record.consecutive_checks;
    policy.minimum_exposure = record.minimum_exposure;
    policy.canary_weights = record.canary_weights;
    policy.full_watch_seconds = record.full_watch_seconds;
    policy.seal_every_seconds = record.seal_every_seconds;
    policy.seal_units = record.seal_units;
    policy.gap_share = record.gap_share;
    policy.silence = {record.silence_checks, record.silence_seconds, record.silence_expected_units};
    policy.grids = {mixture_of(record.regression), mixture_of(record.promotion),
                    mixture_of(record.floor), mixture_of(record.floor_regression),
                    mixture_of(record.share)};
    policy.required_platforms = record.required_platforms;
    policy.required_gates = record.required_gates;
    policy.required_drills = record.required_drills;
    for (const auto& row : record.streams) {
        auto stream = stream_of(*row);
        if (!stream) return std::nullopt;
        policy.streams.push_back(*std::move(stream));
    }
    if (refusal_of(policy)) return std::nullopt;
    return policy;
}

}  // namespace decklog::domain
