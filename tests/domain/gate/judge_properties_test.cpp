// What holds for any history of a rollout: every number is one, what settled stays, data that are
// missing never promote, and a history gives the same answers however it is come by.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/domain/gate/watch_builder.hpp"

namespace decklog::domain::gate::judge_properties_test {

Policy any_policy() {
    Policy policy = plain_policy(*rc::gen::inRange<std::size_t>(1, 5));
    policy.horizon = *rc::gen::inRange(2U, 30U);
    policy.restart = *rc::gen::arbitrary<bool>();
    for (std::size_t i = 0; i < policy.streams.size(); ++i) {
        StreamPolicy& stream = policy.streams[i];
        stream.baseline = *rc::gen::element(BaselineKind::concurrent, BaselineKind::concurrent,
                                            BaselineKind::previous, BaselineKind::floor);
        stream.floor =
            stream.baseline == BaselineKind::floor || *rc::gen::arbitrary<bool>() ? 0.01 : 0;
        if (i > 0)
            stream.role =
                *rc::gen::element(StreamRole::required, StreamRole::advisory, StreamRole::dry_run);
    }
    RC_ASSERT(!refusal_of(policy));
    return policy;
}

ArmCounts any_arm() {
    ArmCounts arm;
    arm.units = *rc::gen::element<std::uint64_t>(0, 1, 40, 1000, 1'000'000);
    const int share = *rc::gen::inRange(0, 12);
    arm.errors = share == 0 ? 0 : arm.units >> share;
    arm.attempted = arm.units + *rc::gen::element<std::uint64_t>(0, 0, 5);
    arm.late = *rc::gen::arbitrary<bool>() ? 0 : arm.attempted / 20;
    return arm;
}

SealedCheck any_check(const Policy& policy, std::int64_t sealed_at_us) {
    SealedCheck check;
    check.sealed_at_us = sealed_at_us;
    check.canary_share = *rc::gen::element(0.0, 0.05, 0.5, 1.0);
    for (std::size_t i = 0; i < policy.streams.size(); ++i) {
        check.streams.push_back({any_arm(), any_arm(), std::nullopt});
        check.handled.canary += check.streams.back().canary.attempted;
        check.handled.baseline += check.streams.back().baseline.attempted;
    }
    return check;
}

struct History {
    Policy policy;
    Watch begin;
    std::vector<SealedCheck> checks;
};
History any_history() {
    History history{any_policy(), {}, {}};
    history.begin.stage =
        *rc::gen::element(Stage::shadow, Stage::canary, Stage::canary, Stage::full);
    if (*rc::gen::arbitrary<bool>())
        history.begin.frozen.assign(history.policy.streams.size(), {10'000, 50});
    const int checks = *rc::gen::inRange(1, 40);
    for (int i = 0; i < checks; ++i)
        history.checks.push_back(any_check(history.policy, (i + 1) * 600'000'000LL));
    return history;
}

bool is_settled(const Judgement& judgement) {
    return judgement.verdict == Verdict::rollback || judgement.verdict == Verdict::promote;
}

RC_GTEST_PROP(JudgeOfAnyHistory, GivesNumbersAndKeepsWhatIsSettled, ()) {
    const History history = any_history();
    Watch watch = history.begin;
    std::optional<Judgement> settled;
    for (const SealedCheck& check : history.checks) {
        Judged judged = judge(history.policy, std::move(watch), check, {});
        watch = std::move(judged.watch);
        const Judgement& now = judged.judgement;
        for (const StreamEvidence& evidence : now.streams) {
            RC_ASSERT(std::isfinite(evidence.ln_regression) &&
                      std::isfinite(evidence.ln_regression_plain));
            RC_ASSERT(std::isfinite(evidence.ln_promotion) &&
                      std::isfinite(evidence.ln_for_promotion));
            RC_ASSERT(evidence.ln_regression == rounded(evidence.ln_regression));
        }
        RC_ASSERT(std::isfinite(now.ln_share));
        RC_ASSERT(now.reason != Reason::none);
        if (settled) RC_ASSERT(now.verdict == settled->verdict && now.reason == settled->reason);
        if (!settled && is_settled(now)) settled = now;
        RC_ASSERT(watch.settled.has_value() == settled.has_value());
    }
}

RC_GTEST_PROP(JudgeOfAnyHistory, PromotesACanaryOnlyOnProofAndData, ()) {
    const History history = any_history();
    RC_PRE(history.begin.stage == Stage::canary);
    Watch watch = history.begin;
    Judgement before;
    for (const SealedCheck& check : history.checks) {
        Judged judged = judge(history.policy, std::move(watch), check, {});
        watch = std::move(judged.watch);
        const Judgement& now = judged.judgement;
        if (now.verdict == Verdict::promote) {
            for (std::size_t i = 0; i < now.streams.size(); ++i) {
                if (history.policy.streams[i].role != StreamRole::required) continue;
                RC_ASSERT(now.streams[i].is_proven() && before.streams[i].is_proven());
                RC_ASSERT(now.streams[i].has_canary && now.streams[i].has_baseline);
                RC_ASSERT(!now.streams[i].has_gap && !now.streams[i].is_regressed());
            }
            return;
        }
        before = now;
    }
}

RC_GTEST_PROP(JudgeOfAnyHistory, NeverPromotesACanaryThatAttemptedNothing, ()) {
    History history = any_history();
    history.begin.stage = *rc::gen::element(Stage::canary, Stage::full);
    Watch watch = history.begin;
    for (SealedCheck& check : history.checks) {
        for (StreamCounts& stream : check.streams) stream.canary = {};
        Judged judged = judge(history.policy, std::move(watch), check, {});
        watch = std::move(judged.watch);
        RC_ASSERT(judged.judgement.verdict != Verdict::promote);
    }
}

RC_GTEST_PROP(JudgeOfAnyHistory, ExplainsEveryCheckInNumbers, ()) {
    const History history = any_history();
    Watch watch = history.begin;
    for (const SealedCheck& check : history.checks) {
        Judged judged = judge(history.policy, std::move(watch), check, {});
        watch = std::move(judged.watch);
        const Report report = explain(history.policy, judged.judgement, watch, {});
        for (const StreamReport& stream : report.streams) {
            RC_ASSERT(!stream.ratio || std::isfinite(*stream.ratio));
            RC_ASSERT(!stream.canary_rate ||
                      (*stream.canary_rate >= 0 && *stream.canary_rate <= 1));
            RC_ASSERT(!stream.interval || std::isfinite(stream.interval->low));
        }
    }
}

}  // namespace decklog::domain::gate::judge_properties_test
