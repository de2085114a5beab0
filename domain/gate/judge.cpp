#include "domain/gate/judge.hpp"

#include <cmath>
#include <utility>

#include "domain/check.hpp"
#include "domain/gate/share_check.hpp"

namespace decklog::domain::gate {
namespace {

struct Finding {
    Verdict verdict = Verdict::proceed;
    Reason reason = Reason::none;
    std::string subject{};
    std::optional<std::uint64_t> cause{};
};
using MaybeFinding = std::optional<Finding>;

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
    return text;
}

/// Its cause is that of the first one that has any.
MaybeFinding missing_platforms(const std::vector<MissingPlatform>& missing) {
    if (missing.empty()) return std::nullopt;
    std::vector<std::string> names;
    std::optional<std::uint64_t> cause;
    for (const MissingPlatform& platform : missing) {
        names.push_back(platform.name);
        if (!cause) cause = platform.position;
    }
    return Finding{Verdict::rollback, Reason::missing_platforms, joined(names), cause};
}

MaybeFinding red_gates(const Policy& policy, const GateInputs& gates) {
    if (const GateResult* red = red_gate(gates))
        return Finding{Verdict::rollback, Reason::gate_failed, red->name, red->position};
    return missing_platforms(missing_required(policy, gates));
}

/// The first stream of which `is_so` holds, among those with one of the roles.
template <class IsSo>
const StreamPolicy* first_stream(const Policy& policy, const Judgement& judgement, bool required,
                                 const IsSo& is_so) {
    for (std::size_t i = 0; i < policy.streams.size(); ++i) {
        const StreamRole role = policy.streams[i].role;
        const bool counts = required ? role == StreamRole::required : role != StreamRole::dry_run;
        if (counts && is_so(i, judgement.streams[i])) return &policy.streams[i];
    }
    return nullptr;
}

MaybeFinding about(Verdict verdict, Reason reason, const StreamPolicy* stream) {
    if (stream == nullptr) return std::nullopt;
    return Finding{verdict, reason, stream_name(*stream)};
}

double ln_share_of(const Policy& policy, const Watch& watch) {
    std::vector<HandledUnits> handled;
    for (const SealedCheck& check : watch.checks) {
        handled.push_back({static_cast<double>(check.handled.canary),
                           static_cast<double>(check.handled.baseline), check.canary_share});
    }
    return rounded(ln_share_evidence(handled, policy.grids.share));
}

MaybeFinding regressed(const Policy& policy, const Judgement& judgement) {
    return about(Verdict::rollback, Reason::regression,
                 first_stream(policy, judgement, false, [](std::size_t, const StreamEvidence& e) {
                     return e.is_regressed();
                 }));
}

MaybeFinding silent(const Policy& policy, const Judgement& judgement) {
    return about(Verdict::rollback, Reason::canary_silent,
                 first_stream(policy, judgement, true,
                              [](std::size_t, const StreamEvidence& e) { return e.is_silent; }));
}

MaybeFinding paged(const Policy& policy, const Watch& watch, const Judgement& judgement) {
    const auto pages = [&](std::size_t i, const StreamEvidence&) {
        const auto& burn = watch.checks.back().streams[i].burn;
        const double budget = policy.streams[i].floor;
        return burn && budget > 0 && burn_alert(*burn, budget) == BurnAlert::page;
    };
    return about(Verdict::hold, Reason::burn_rate, first_stream(policy, judgement, false, pages));
}

/// What speaks against leaving the stage at this check; nullopt: it is proven.
MaybeFinding unproven_shadow(const Policy& policy, const Watch& watch, const Judgement& judgement) {
    bool has_shadow = false;
    const auto is_short = [&](std::size_t i, const StreamEvidence&) {
        if (policy.streams[i].baseline != BaselineKind::concurrent) return false;
        has_shadow = true;
        return shadow_exposure(watch, i) < policy.minimum_exposure;
    };
    if (auto found = about(Verdict::proceed, Reason::awaiting_exposure,
                           first_stream(policy, judgement, true, is_short)))
        return found;
    std::uint64_t handled = 0;
    for (const SealedCheck& check : watch.checks) handled += check.handled.baseline;
    if (has_shadow || handled >= policy.minimum_exposure) return std::nullopt;
    return Finding{Verdict::proceed, Reason::awaiting_exposure};
}

MaybeFinding without_data(const Policy& policy, const Judgement& judgement) {
    return about(Verdict::proceed, Reason::no_data,
                 first_stream(policy, judgement, true,
                              [](std::size_t, const StreamEvidence& e) { return !e.has_canary; }));
}

MaybeFinding unproven_canary(const Policy& policy, const Judgement& judgement) {
    if (auto found = without_data(policy, judgement)) return found;
    if (auto found = about(
            Verdict::proceed, Reason::no_baseline,
            first_stream(policy, judgement, true,
                         [](std::size_t, const StreamEvidence& e) { return !e.has_baseline; })))
        return found;
    return about(Verdict::proceed, Reason::not_proven,
                 first_stream(policy, judgement, true,
                              [](std::size_t, const StreamEvidence& e) { return !e.is_proven(); }));
}

MaybeFinding unproven_full(const Policy& policy, const Watch& watch, const Judgement& judgement) {
    constexpr std::int64_t kMicros = 1'000'000;
    if (watch.checks.back().sealed_at_us - watch.began_at_us < policy.full_watch_seconds * kMicros)
        return Finding{Verdict::proceed, Reason::awaiting_time};
    return without_data(policy, judgement);
}

MaybeFinding unproven(const Policy& policy, const Watch& watch, const Judgement& judgement) {
    switch (watch.stage) {
        case Stage::shadow:
            return unproven_shadow(policy, watch, judgement);
        case Stage::canary:
            return unproven_canary(policy, judgement);
        case Stage::full:
            return unproven_full(policy, watch, judgement);
    }
    return std::nullopt;
}

Reason reason_to_promote(Stage stage) {
    switch (stage) {
        case Stage::shadow:
            return Reason::exposure_met;
        case Stage::canary:
            return Reason::not_worse;
        case Stage::full:
            return Reason::watch_complete;
    }
    return Reason::none;
}

/// What still blocks a promotion of which the proof is there.
MaybeFinding blocked(const Policy& policy, Stage stage, const Judgement& judgement, bool is_empty,
                     const GateInputs& gates) {
    if (auto found =
            about(Verdict::proceed, Reason::gap,
                  first_stream(policy, judgement, true,
                               [](std::size_t, const StreamEvidence& e) { return e.has_gap; })))
        return found;
    if (is_empty) return Finding{Verdict::proceed, Reason::no_data};
    if (judgement.passes < policy.consecutive_checks)
        return Finding{Verdict::proceed, Reason::awaiting_confirmation};
    if (const auto open = open_gates(policy, gates); !open.empty())
        return Finding{Verdict::proceed, Reason::awaiting_gates, joined(open)};
    // A candidate leaves its canary for everybody once people have tried the way back.
    const auto open = open_drills(policy, gates);
    if (stage != Stage::canary || open.empty()) return std::nullopt;
    return Finding{Verdict::hold, Reason::drill_missing, joined(open)};
}

/// What stops the stage, in the order of the file head.
MaybeFinding stopping(const Policy& policy, const Watch& watch, const Judgement& judgement,
                      const GateInputs& gates) {
    if (auto found = red_gates(policy, gates)) return found;
    if (watch.stage == Stage::shadow) return std::nullopt;
    if (auto found = regressed(policy, judgement)) return found;
    if (watch.stage == Stage::full) return paged(policy, watch, judgement);
    if (auto found = silent(policy, judgement)) return found;
    if (judgement.ln_share < judgement.ln_share_at) return std::nullopt;
    return Finding{Verdict::hold, Reason::share_mismatch};
}

bool may_still_wait(const Policy& policy, const Watch& watch, const Finding& finding) {
    if (watch.checks.size() < policy.horizon) return true;
    return finding.reason == Reason::awaiting_time;  // full has a time, not a number of checks
}

void conclude(Judgement& judgement, Watch& watch, Finding finding) {
    judgement.verdict = finding.verdict;
    judgement.reason = finding.reason;
    judgement.subject = std::move(finding.subject);
    judgement.cause = finding.cause;
    if (finding.verdict == Verdict::rollback || finding.verdict == Verdict::promote) {
        watch.settled =
            Settled{judgement.verdict, judgement.reason, judgement.subject, judgement.cause};
    }
}

Judgement evidence_at(const Policy& policy, const Watch& watch) {
    Judgement judgement;
    judgement.checks = static_cast<std::uint32_t>(watch.checks.size());
    judgement.passes = watch.passes;
    if (watch.checks.empty()) return judgement;
    for (std::size_t i = 0; i < policy.streams.size(); ++i)
        judgement.streams.push_back(evidence_of(policy, watch, i));
    if (watch.stage == Stage::canary) judgement.ln_share = ln_share_of(policy, watch);
    judgement.ln_share_at = rounded(-std::log(policy.alpha));
    return judgement;
}

Judged again(const Policy& policy, Watch watch) {
    Judgement judgement = evidence_at(policy, watch);
    const Settled& settled = *watch.settled;
    judgement.verdict = settled.verdict;
    judgement.reason = settled.reason;
    judgement.subject = settled.subject;
    judgement.cause = settled.cause;
    return {std::move(judgement), std::move(watch)};
}

/// Whether anybody was there in the last range: what was proven before it is not proven once more
/// by nobody.
bool saw_somebody(const Policy& policy, const Watch& watch) {
    const SealedCheck& last = watch.checks.back();
    const bool is_shadow = watch.stage == Stage::shadow;
    bool counts_any = false;
    for (std::size_t i = 0; i < policy.streams.size(); ++i) {
        const bool is_concurrent = policy.streams[i].baseline == BaselineKind::concurrent;
        if (policy.streams[i].role == StreamRole::dry_run || (is_shadow && !is_concurrent))
            continue;
        const ArmCounts& arm = is_shadow ? last.streams[i].baseline : last.streams[i].canary;
        if (arm.attempted > 0) return true;
        counts_any = true;
    }
    // A shadow without a stream to compare with leaves by the units that it handled.
    return !counts_any || (is_shadow ? last.handled.baseline : last.handled.canary) > 0;
}

Finding decide(const Policy& policy, Watch& watch, Judgement& judgement, const GateInputs& gates) {
    const MaybeFinding stop = stopping(policy, watch, judgement, gates);
    MaybeFinding waits = unproven(policy, watch, judgement);
    const bool is_empty = !saw_somebody(policy, watch);
    if (waits) {
        watch.passes = 0;
    } else if (!is_empty) {
        ++watch.passes;
    }
    judgement.passes = watch.passes;
    if (stop) return *stop;
    if (!waits) waits = blocked(policy, watch.stage, judgement, is_empty, gates);
    if (!waits) return {Verdict::promote, reason_to_promote(watch.stage)};
    if (may_still_wait(policy, watch, *waits)) return *waits;
    judgement.missing = waits->reason;
    return {Verdict::hold, Reason::horizon_reached, waits->subject};
}

bool is_rolled_back(const Watch& watch) {
    return watch.settled && watch.settled->verdict == Verdict::rollback;
}

Judged on_gates(const Policy& policy, Watch watch, Finding red) {
    Judgement judgement = evidence_at(policy, watch);
    conclude(judgement, watch, std::move(red));
    return {std::move(judgement), std::move(watch)};
}

/// No check is counted any more, but hard gates are heard.
Finding of_full_watch(const Policy& policy, const GateInputs& gates) {
    if (auto found = red_gates(policy, gates)) return *found;
    return {Verdict::hold, Reason::horizon_reached};
}

}  // namespace

Judged judge(const Policy& policy, Watch watch, SealedCheck check, const GateInputs& gates) {
    DECKLOG_CHECK(check.streams.size() == policy.streams.size());
    if (watch.settled) {
        auto red = is_rolled_back(watch) ? std::nullopt : red_gates(policy, gates);
        return red ? on_gates(policy, std::move(watch), std::move(*red))
                   : again(policy, std::move(watch));
    }
    const bool is_full = watch.checks.size() >= limits::kChecksMax;
    if (!is_full) watch.checks.push_back(std::move(check));
    Judgement judgement = evidence_at(policy, watch);
    Finding finding =
        is_full ? of_full_watch(policy, gates) : decide(policy, watch, judgement, gates);
    conclude(judgement, watch, std::move(finding));
    return {std::move(judgement), std::move(watch)};
}

std::optional<Judged> judge_gates(const Policy& policy, Watch watch, const GateInputs& gates) {
    if (is_rolled_back(watch)) return std::nullopt;
    auto red = red_gates(policy, gates);
    if (!red) return std::nullopt;
    return on_gates(policy, std::move(watch), std::move(*red));
}

std::string stream_name(const StreamPolicy& stream) {
    return stream.platform.empty() ? stream.action : stream.action + " on " + stream.platform;
}

}  // namespace decklog::domain::gate
