#include "domain/gate/explain.hpp"

#include <algorithm>
#include <cmath>

#include "domain/gate/stream_evidence.hpp"

namespace decklog::domain::gate {
namespace {

void add(ArmCounts& sum, const ArmCounts& counts) {
    sum.units += counts.units;
    sum.errors += counts.errors;
    sum.attempted += counts.attempted;
    sum.late += counts.late;
}

std::optional<double> rate(double errors, double units) {
    if (!(units > 0)) return std::nullopt;
    return rounded(errors / units);
}

Reason state_of(const StreamEvidence& evidence) {
    if (evidence.is_regressed()) return Reason::regression;
    if (evidence.is_silent) return Reason::canary_silent;
    if (!evidence.has_canary) return Reason::no_data;
    if (!evidence.has_baseline) return Reason::no_baseline;
    if (evidence.has_gap) return Reason::gap;
    return evidence.is_proven() ? Reason::none : Reason::not_proven;
}

/// The least n in [0, most] of which `holds` is true, for one that stays true from there on.
template <class Number, class Holds>
std::optional<Number> least(Number most, const Holds& holds) {
    if (!holds(most)) return std::nullopt;
    Number low = 0;
    Number high = most;
    while (low < high) {
        const Number middle = low + (high - low) / 2;
        if (holds(middle))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/// The average of those checks that said something, without errors of the canary.
Batch clean_check(const Watch& watch, std::size_t stream, bool needs_baseline) {
    Batch total;
    double checks = 0;
    for (const Batch& batch : batches_of(watch, stream)) {
        if (needs_baseline ? !compares(batch) : !(batch.canary_units > 0)) continue;
        total = sum(total, batch);
        ++checks;
    }
    if (!(checks > 0)) return {};
    return {total.canary_units / checks, 0, total.baseline_units / checks,
            total.baseline_errors / checks};
}

Batch times(const Batch& batch, double factor) {
    return {batch.canary_units * factor, batch.canary_errors * factor,
            batch.baseline_units * factor, batch.baseline_errors * factor};
}

/// Clean checks of equal shares weigh the same together as one by one, so `count` of them are one
/// batch.
JudgedBatches after_clean_checks(JudgedBatches judged, const Batch& clean, double count) {
    const Batch added = times(clean, count);
    judged.total = sum(judged.total, added);
    if (judged.is_frozen)
        judged.batches[0].canary_units += added.canary_units;
    else
        judged.batches.push_back(added);
    return judged;
}

std::optional<std::uint32_t> clean_checks_of(const Policy& policy, const Watch& watch,
                                             std::size_t stream) {
    const StreamPolicy& of = policy.streams[stream];
    const JudgedBatches judged = judged_batches(policy, watch, stream);
    const Batch clean = clean_check(watch, stream, of.baseline == BaselineKind::concurrent);
    const double threshold = rounded(-std::log(policy.alpha));
    return least<std::uint32_t>(kForecastChecksMax, [&](std::uint32_t count) {
        const auto parts = promotion_of(policy, of, after_clean_checks(judged, clean, count));
        return rounded(parts.ln_for_promotion) >= threshold;
    });
}

std::optional<std::uint64_t> errors_to_rollback_of(const Policy& policy, const Watch& watch,
                                                   std::size_t stream, double threshold) {
    const ArmCounts& last = watch.checks.back().streams[stream].canary;
    const std::uint64_t left = last.units > last.errors ? last.units - last.errors : 0;
    const JudgedBatches judged = judged_batches(policy, watch, stream);
    return least<std::uint64_t>(left, [&](std::uint64_t more) {
        JudgedBatches worse = judged;
        worse.batches.back().canary_errors += static_cast<double>(more);
        const auto regression = regression_of(policy, policy.streams[stream], worse);
        return rounded(regression.ln_restarting) >= threshold;
    });
}

RatioInterval rounded_interval(const RatioInterval& interval) {
    RatioInterval result{rounded(interval.low), std::nullopt};
    if (interval.high) result.high = rounded(*interval.high);
    return result;
}

/// Rates of both sides, and the ratio where the stream has a baseline.
void compare(StreamReport& report, const JudgedBatches& judged) {
    const Batch& total = judged.is_frozen ? judged.batches[0] : judged.total;
    report.canary_rate = rate(total.canary_errors, total.canary_units);
    if (report.stream.baseline == BaselineKind::floor) return;
    report.baseline_rate = rate(total.baseline_errors, total.baseline_units);
    report.interval = rounded_interval(ratio_interval(judged.batches));
    if (!compares(total) || !(total.baseline_errors > 0)) return;
    report.ratio = rounded((total.canary_errors / total.canary_units) /
                           (total.baseline_errors / total.baseline_units));
}

BurnAlert burn_of(const StreamPolicy& stream, const StreamCounts& last) {
    return last.burn && stream.floor > 0 ? burn_alert(*last.burn, stream.floor) : BurnAlert::none;
}

StreamReport report_of(const Policy& policy, const Judgement& judgement, const Watch& watch,
                       std::size_t stream) {
    StreamReport report{.stream = policy.streams[stream], .evidence = judgement.streams[stream]};
    for (const SealedCheck& check : watch.checks) {
        add(report.canary, check.streams[stream].canary);
        add(report.baseline, check.streams[stream].baseline);
    }
    const JudgedBatches judged = judged_batches(policy, watch, stream);
    report.is_frozen = judged.is_frozen;
    if (judged.is_frozen && stream < watch.frozen.size()) report.frozen = watch.frozen[stream];
    compare(report, judged);
    report.state = state_of(report.evidence);
    report.burn = burn_of(policy.streams[stream], watch.checks.back().streams[stream]);
    if (watch.stage == Stage::shadow && report.stream.baseline == BaselineKind::concurrent) {
        const std::uint64_t handled = shadow_exposure(watch, stream);
        report.units_to_exposure =
            policy.minimum_exposure - std::min<std::uint64_t>(handled, policy.minimum_exposure);
    }
    // Nothing changes a rollback.
    if (watch.stage == Stage::shadow || judgement.verdict == Verdict::rollback) return report;
    report.errors_to_rollback =
        errors_to_rollback_of(policy, watch, stream, report.evidence.ln_rollback_at);
    if (watch.stage == Stage::canary) report.clean_checks = clean_checks_of(policy, watch, stream);
    return report;
}

/// All required streams at once, and then in enough checks in a row.
std::optional<std::uint32_t> checks_to_promote(const Policy& policy, const Report& report) {
    std::uint32_t needed = 0;
    for (const StreamReport& stream : report.streams) {
        if (stream.stream.role != StreamRole::required) continue;
        if (!stream.clean_checks) return std::nullopt;
        needed = std::max(needed, *stream.clean_checks);
    }
    const std::uint32_t in_a_row = policy.consecutive_checks;
    if (needed > 0) return needed + in_a_row - 1;
    const std::uint32_t passes = std::min(report.judgement.passes, in_a_row);
    return in_a_row - passes;
}

}  // namespace

Report explain(const Policy& policy, const Judgement& judgement, const Watch& watch,
               const GateInputs& gates) {
    Report report{.judgement = judgement, .stage = watch.stage};
    for (std::size_t i = 0; i < judgement.streams.size(); ++i)
        report.streams.push_back(report_of(policy, judgement, watch, i));
    report.open_gates = open_gates(policy, gates);
    const bool is_open =
        judgement.verdict == Verdict::proceed || judgement.verdict == Verdict::hold;
    if (watch.stage == Stage::canary && is_open && !report.streams.empty())
        report.clean_checks = checks_to_promote(policy, report);
    return report;
}

}  // namespace decklog::domain::gate
