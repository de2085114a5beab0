#include "tools/decklog/gate_eval.hpp"

#include <algorithm>
#include <utility>

#include "domain/gate/floor_evidence.hpp"

namespace decklog::cli {
namespace {

namespace gate = domain::gate;

constexpr double kFloorShown = 0.005;
constexpr std::size_t kStream = EvalSetting::kStream;

gate::StreamCounts counts_of(const BatchRow& row) {
    gate::StreamCounts counts;
    counts.canary = {row.canary_units, row.canary_errors, row.canary_units, 0};
    counts.baseline = {row.baseline_units, row.baseline_errors, row.baseline_units, 0};
    return counts;
}

double ln_floor_of(const EvalSetting& setting, const gate::StreamReport& report) {
    if (report.evidence.ln_floor) return *report.evidence.ln_floor;
    const gate::Batch total{static_cast<double>(report.canary.units),
                            static_cast<double>(report.canary.errors), 0, 0};
    return gate::rounded(
        gate::ln_floor_evidence(total, setting.policy.grids.floor, setting.floor_shown));
}

std::string names_in(const gate::Policy& policy) {
    std::string names;
    for (const gate::StreamPolicy& stream : policy.streams)
        names += (names.empty() ? "" : ", ") + gate::stream_name(stream);
    return names;
}

}  // namespace

EvalSetting plain_eval() {
    gate::Policy policy;
    policy.streams = {{.action = "stream", .attempts = {"attempt"}}};
    return {.policy = std::move(policy), .floor_shown = kFloorShown};
}

domain::Result<EvalSetting> eval_of(gate::Policy policy, std::string_view name) {
    const auto is_it = [name](const gate::StreamPolicy& stream) {
        return name.empty() ? stream.role == gate::StreamRole::required
                            : gate::stream_name(stream) == name;
    };
    const auto found = std::find_if(policy.streams.begin(), policy.streams.end(), is_it);
    if (found == policy.streams.end()) {
        return domain::fail(domain::ErrorCode::invalid_argument,
                            "the policy has no stream of that name; it has " + names_in(policy));
    }
    gate::StreamPolicy stream = *found;
    gate::StreamPolicy others{.action = "others", .role = gate::StreamRole::advisory, .weight = 0};
    for (const gate::StreamPolicy& other : policy.streams) {
        if (other != stream && other.role != gate::StreamRole::dry_run)
            others.weight += other.weight;
    }
    stream.role = gate::StreamRole::required;
    if (stream.baseline == gate::BaselineKind::previous)
        stream.baseline = gate::BaselineKind::concurrent;
    policy.required_gates.clear();
    policy.required_drills.clear();
    policy.required_platforms.clear();
    policy.streams = {std::move(stream)};
    if (others.weight > 0) policy.streams.push_back(std::move(others));
    const double floor = policy.streams[kStream].floor;
    return EvalSetting{.policy = std::move(policy), .floor_shown = floor > 0 ? floor : kFloorShown};
}

Eval evaluate(const EvalSetting& setting, const std::vector<BatchRow>& rows) {
    constexpr std::int64_t kMicros = 1'000'000;
    Eval eval;
    gate::Watch watch;
    std::int64_t now_us = 0;
    for (const BatchRow& row : rows) {
        gate::SealedCheck check;
        check.sealed_at_us = now_us += setting.policy.seal_every_seconds * kMicros;
        check.streams.resize(setting.policy.streams.size());
        check.streams[kStream] = counts_of(row);
        // What came after a verdict that stays is still shown, as it would have been counted.
        const auto settled = std::exchange(watch.settled, std::nullopt);
        auto judged = gate::judge(setting.policy, std::move(watch), std::move(check), {});
        watch = std::move(judged.watch);
        if (settled) {
            watch.settled = settled;
            judged.judgement.verdict = settled->verdict;
            judged.judgement.reason = settled->reason;
            judged.judgement.subject = settled->subject;
        }
        eval.last = gate::explain(setting.policy, judged.judgement, watch, {});
        const gate::StreamReport& report = eval.last.streams[kStream];
        eval.rows.push_back({row, judged.judgement, report, ln_floor_of(setting, report)});
    }
    return eval;
}

}  // namespace decklog::cli
