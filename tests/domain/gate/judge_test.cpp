// The decision order, what stays, and what data that is missing means.
#include "domain/gate/judge.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/domain/gate/watch_builder.hpp"

namespace decklog::domain::gate::judge_test {

std::string said(const Judgement& judgement) {
    std::string text(to_text(judgement.verdict));
    text.append(" ").append(to_text(judgement.reason));
    if (!judgement.subject.empty()) text.append(": ").append(judgement.subject);
    return text;
}

const StreamCounts kHealthy = counts(1000, 2, 4000, 8);
const StreamCounts kFourTimes = counts(1000, 40, 4000, 40);
const StreamCounts kNoErrors = counts(1000, 0, 4000, 0);
const StreamCounts kNothing{};

TEST(Judge, RollsBackAtTheCheckOfTheGoldenNumbers) {
    WatchBuilder watch(plain_policy());
    EXPECT_EQ(said(watch.check({counts(1000, 3, 4000, 4)})), "continue not_proven: a");
    EXPECT_EQ(said(watch.check({counts(1000, 4, 4000, 5)})), "continue not_proven: a");
    const Judgement third = watch.check({counts(900, 6, 4100, 4)});
    EXPECT_EQ(said(third), "rollback regression: a");
    EXPECT_NEAR(std::exp(third.streams[0].ln_regression), 116.279039, 1e-6);
    EXPECT_NEAR(std::exp(third.streams[0].ln_rollback_at), 20, 1e-6);
}

TEST(Judge, PromotesAtTheSecondCheckInARowThatIsProven) {
    WatchBuilder watch(plain_policy());
    EXPECT_EQ(said(watch.checks(7, {kHealthy})), "continue not_proven: a");
    EXPECT_EQ(said(watch.check({kHealthy})), "continue awaiting_confirmation");
    EXPECT_EQ(said(watch.check({kHealthy})), "promote not_worse");
    EXPECT_EQ(watch.last_.checks, 9U);
}

TEST(Judge, AProofThatFallsBackBetweenHasToStandAgain) {
    WatchBuilder watch(plain_policy());
    watch.checks(8, {kHealthy});
    EXPECT_EQ(watch.last_.passes, 1U);
    EXPECT_EQ(said(watch.check({counts(1000, 5, 4000, 4)})), "continue not_proven: a");
    EXPECT_EQ(watch.last_.passes, 0U);
}

TEST(Judge, ACheckThatNobodyWasInProvesNothingOnceMore) {
    WatchBuilder watch(plain_policy());
    watch.checks(8, {kHealthy});
    EXPECT_EQ(watch.last_.passes, 1U);
    EXPECT_EQ(said(watch.check({kNothing})), "continue no_data");
    EXPECT_EQ(watch.last_.passes, 1U) << "and it takes nothing away";
    EXPECT_EQ(said(watch.check({kHealthy})), "promote not_worse");
    watch.watch_ = next_step(std::move(watch.watch_));
    EXPECT_EQ(said(watch.check({kNothing})), "continue no_data");
    EXPECT_EQ(said(watch.check({kHealthy})), "continue awaiting_confirmation");
    EXPECT_EQ(said(watch.check({kHealthy})), "promote not_worse");

    WatchBuilder shadow(plain_policy(), Stage::shadow);
    EXPECT_EQ(said(shadow.check({counts(0, 0, 4000, 8)})), "continue awaiting_confirmation");
    EXPECT_EQ(said(shadow.check({kNothing})), "continue no_data");
    EXPECT_EQ(said(shadow.check({counts(0, 0, 1, 0)})), "promote exposure_met");
}

TEST(Judge, RollbackAndPromoteStay) {
    WatchBuilder good(plain_policy());
    good.checks(9, {kHealthy});
    EXPECT_EQ(said(good.checks(5, {kFourTimes})), "promote not_worse");
    WatchBuilder bad(plain_policy());
    bad.check({kFourTimes});
    EXPECT_EQ(said(bad.checks(20, {kHealthy})), "rollback regression: a");
    EXPECT_EQ(bad.last_.checks, 1U) << "a settled watch counts no more";
}

TEST(Judge, TheNextStepKeepsTheEvidenceAndAsksForTheProofAgain) {
    WatchBuilder watch(plain_policy());
    watch.checks(9, {kHealthy});
    watch.watch_ = next_step(watch.watch_);
    EXPECT_EQ(said(watch.check({counts(2500, 5, 2500, 5)})), "continue awaiting_confirmation");
    EXPECT_EQ(said(watch.check({counts(2500, 5, 2500, 5)})), "promote not_worse");
    WatchBuilder bad(plain_policy());
    bad.check({kFourTimes});
    bad.watch_ = next_step(bad.watch_);
    EXPECT_EQ(said(bad.checks(20, {kHealthy})), "rollback regression: a");
    EXPECT_EQ(bad.last_.checks, 1U);
}

TEST(Judge, HoldsAtTheHorizonAndSaysWhatWasMissing) {
    Policy policy = plain_policy();
    policy.horizon = 3;
    WatchBuilder watch(policy);
    EXPECT_EQ(said(watch.checks(2, {kNoErrors})), "continue not_proven: a");
    EXPECT_EQ(said(watch.check({kNoErrors})), "hold horizon_reached: a");
    EXPECT_EQ(watch.last_.missing, Reason::not_proven);
    EXPECT_EQ(said(watch.check({kFourTimes})), "rollback regression: a") << "a hold is no end";
}

TEST(Judge, EveryRequiredStreamHasToBeProven) {
    WatchBuilder watch(plain_policy(2));
    EXPECT_EQ(said(watch.checks(9, {kHealthy, kNoErrors})), "continue not_proven: b");
    watch.policy_.streams[1].role = StreamRole::advisory;
    EXPECT_EQ(said(watch.check({kHealthy, kNoErrors})), "continue awaiting_confirmation");
    EXPECT_EQ(said(watch.check({kHealthy, kNoErrors})), "promote not_worse");
}

TEST(Judge, AnAdvisoryStreamRollsBackAndOneThatIsOnlyShownDoesNot) {
    WatchBuilder advisory(plain_policy(2));
    advisory.policy_.streams[1].role = StreamRole::advisory;
    EXPECT_EQ(said(advisory.check({kHealthy, kFourTimes})), "rollback regression: b");
    WatchBuilder shown(plain_policy(2));
    shown.policy_.streams[1].role = StreamRole::dry_run;
    EXPECT_EQ(said(shown.checks(9, {kHealthy, kFourTimes})), "promote not_worse");
    EXPECT_TRUE(shown.last_.streams[1].is_regressed()) << "what it would have said";
}

TEST(Judge, EachStreamHasItsShareOfAlpha) {
    Policy policy = plain_policy(8);
    policy.streams[7].weight = 3;
    WatchBuilder watch(policy);
    watch.check(std::vector<StreamCounts>(8, kHealthy));
    EXPECT_NEAR(std::exp(watch.last_.streams[0].ln_rollback_at), 200, 1e-6);
    EXPECT_NEAR(std::exp(watch.last_.streams[7].ln_rollback_at), 200.0 / 3, 1e-6);
    EXPECT_NEAR(std::exp(watch.last_.streams[0].ln_promote_at), 20, 1e-6)
        << "all have to pass, so none needs a correction";
}

TEST(Judge, ARedGateComesBeforeEverything) {
    WatchBuilder watch(plain_policy());
    watch.gate("ci", false);
    const Judgement judgement = watch.check({kFourTimes});
    EXPECT_EQ(said(judgement), "rollback gate_failed: ci");
    EXPECT_EQ(judgement.cause, 100U);
    EXPECT_EQ(said(watch.check({kHealthy})), "rollback gate_failed: ci");
}

TEST(Judge, ARedGateNeedsNoCheck) {
    WatchBuilder watch(plain_policy());
    EXPECT_FALSE(judge_gates(watch.policy_, watch.watch_, watch.gates_));
    watch.gate("ci", true);
    watch.gate("smoke", false, "r1");
    EXPECT_FALSE(judge_gates(watch.policy_, watch.watch_, watch.gates_))
        << "another release's failure is none of ours";
    watch.gate("smoke", false);
    const auto judged = judge_gates(watch.policy_, watch.watch_, watch.gates_);
    ASSERT_TRUE(judged);
    EXPECT_EQ(said(judged->judgement), "rollback gate_failed: smoke");
    EXPECT_EQ(judged->judgement.cause, 102U);
    EXPECT_TRUE(judged->watch.settled);
    EXPECT_FALSE(judge_gates(watch.policy_, judged->watch, watch.gates_)) << "it is said once";
}

TEST(Judge, MissingPlatformsRollBackWhenTheyAreRequired) {
    WatchBuilder watch(plain_policy());
    watch.gates_.missing_platforms = {{"roomies", 7}, {"renthop", {}}, {"web", 3}};
    EXPECT_EQ(said(watch.check({kHealthy})), "continue not_proven: a")
        << "an empty list checks nothing";
    watch.policy_.required_platforms = {"renthop", "roomies", "spareroom"};
    EXPECT_EQ(said(watch.check({kHealthy})), "rollback missing_platforms: renthop, roomies");
    EXPECT_EQ(watch.last_.cause, 7U) << "there never was an event of renthop";
}

TEST(Judge, ARequiredGateBlocksUntilItPassedForThisReleaseInThisStage) {
    Policy policy = plain_policy();
    policy.required_gates = {"ci", "smoke"};
    WatchBuilder watch(policy);
    watch.gate("ci", true);
    watch.gates_.stage_began_at_us = 1;
    EXPECT_EQ(said(watch.checks(9, {kHealthy})), "continue awaiting_gates: ci, smoke")
        << "one is older than the stage, one is missing";
    watch.gate("ci", true);
    watch.gate("smoke", true, "r1");
    EXPECT_EQ(said(watch.check({kHealthy})), "continue awaiting_gates: smoke")
        << "of another release";
    watch.gate("smoke", true);
    EXPECT_EQ(said(watch.check({kHealthy})), "promote not_worse");
}

TEST(Judge, ACandidateWithoutItsDrillIsHeldInTheCanary) {
    Policy policy = plain_policy();
    policy.required_drills = {"rollout", "rollback"};
    WatchBuilder watch(policy);
    watch.gates_.drills = {"rollout"};
    EXPECT_EQ(said(watch.checks(9, {kHealthy})), "hold drill_missing: rollback");
    watch.gates_.drills = {"rollback", "rollout"};
    EXPECT_EQ(said(watch.check({kHealthy})), "promote not_worse") << "a hold is asked again";
}

TEST(Judge, AGateThatWasRedAndPassedSinceIsGreen) {
    WatchBuilder watch(plain_policy());
    watch.gate("ci", false);
    watch.gate("ci", true);
    EXPECT_EQ(said(watch.check({kHealthy})), "continue not_proven: a");
}

TEST(Judge, ASilentCanaryIsRolledBackAfterChecksAndTime) {
    WatchBuilder watch(plain_policy());
    watch.share_ = 0.2;
    watch.checks(8, {kHealthy});
    const StreamCounts silent = counts(0, 0, 4000, 8);
    EXPECT_EQ(said(watch.checks(2, {silent})), "continue gap: a")
        << "it stopped in the middle, and is not promoted on what came before";
    EXPECT_EQ(said(watch.check({silent})), "rollback canary_silent: a");
}

TEST(Judge, ACanaryThatNeverSaidAnythingIsSilentToo) {
    WatchBuilder watch(plain_policy());
    EXPECT_EQ(said(watch.checks(2, {counts(0, 0, 50, 0)})), "continue no_data: a");
    EXPECT_EQ(said(watch.check({counts(0, 0, 50, 0)})), "rollback canary_silent: a");
}

TEST(Judge, SilenceTakesItsTime) {
    WatchBuilder watch(plain_policy());
    watch.check_us_ = 60'000'000;
    EXPECT_EQ(said(watch.checks(9, {counts(0, 0, 50, 0)})), "continue no_data: a");
    EXPECT_EQ(said(watch.check({counts(0, 0, 50, 0)})), "rollback canary_silent: a");
}

TEST(Judge, AnEmptyCanaryOfALowShareIsChance) {
    WatchBuilder watch(plain_policy());
    watch.share_ = 0.01;
    EXPECT_EQ(said(watch.checks(47, {counts(0, 0, 50, 0)})), "continue no_data: a");
    EXPECT_EQ(said(watch.check({counts(0, 0, 50, 0)})), "hold horizon_reached: a");
    EXPECT_EQ(watch.last_.missing, Reason::no_data);
}

TEST(Judge, UnitsThatLeftAfterAnErrorAreNoSilence) {
    WatchBuilder watch(plain_policy());
    StreamCounts departed = counts(0, 0, 4000, 8);
    departed.canary.attempted = 5;
    EXPECT_EQ(said(watch.checks(9, {departed})), "continue not_proven: a");
}

TEST(Judge, AGapBlocksPromotionUntilTheDataOutgrowsIt) {
    WatchBuilder watch(plain_policy());
    watch.check({counts(0, 0, 4000, 8)});
    EXPECT_EQ(said(watch.checks(8, {counts(1000, 1, 4000, 8)})), "continue gap: a")
        << "1 of 9 checks is missing";
    EXPECT_EQ(said(watch.check({counts(1000, 1, 4000, 8)})), "promote not_worse") << "1 of 10";
}

TEST(Judge, LateUnitsAreAGap) {
    WatchBuilder watch(plain_policy());
    StreamCounts late = counts(1000, 1, 4000, 8);
    late.canary.late = 101;
    EXPECT_EQ(said(watch.checks(10, {late})), "continue gap: a");
    late.canary.late = 0;
    EXPECT_EQ(said(watch.check({late})), "promote not_worse");
}

TEST(Judge, TooSmallAShareHolds) {
    WatchBuilder watch(plain_policy());
    watch.share_ = 0.2;
    watch.handled_ = {1000, 4000};
    EXPECT_EQ(said(watch.checks(3, {kHealthy})), "continue not_proven: a");
    EXPECT_LT(watch.last_.ln_share, 0);
    watch.handled_ = {700, 4300};
    EXPECT_EQ(said(watch.checks(2, {kHealthy})), "hold share_mismatch");
    EXPECT_GE(watch.last_.ln_share, watch.last_.ln_share_at);
    EXPECT_EQ(said(watch.check({kFourTimes})), "rollback regression: a")
        << "a regression is known all the same";
}

TEST(Judge, WithoutABaselineNothingIsProven) {
    WatchBuilder watch(plain_policy());
    watch.policy_.streams[0].floor = 0.005;
    EXPECT_EQ(said(watch.checks(10, {counts(1000, 0, 0, 0)})), "continue no_baseline: a");
    EXPECT_TRUE(watch.last_.streams[0].is_proven()) << "by the floor, which is not enough";
    watch.policy_.streams[0].floor_only = true;
    EXPECT_EQ(said(watch.check({counts(1000, 0, 0, 0)})), "continue awaiting_confirmation");
    EXPECT_EQ(said(watch.check({counts(1000, 0, 0, 0)})), "promote not_worse");
}

TEST(Judge, ABaselineThatWentAwayIsNone) {
    WatchBuilder watch(plain_policy());
    watch.checks(8, {kHealthy});
    EXPECT_EQ(said(watch.check({counts(1000, 2, 0, 0)})), "continue no_baseline: a");
}

TEST(Judge, TheFloorPromotesAStreamWithoutErrors) {
    Policy policy = plain_policy();
    policy.streams[0].floor = 0.005;
    WatchBuilder watch(policy);
    EXPECT_EQ(said(watch.check({kNoErrors})), "continue awaiting_confirmation");
    EXPECT_EQ(said(watch.check({kNoErrors})), "promote not_worse");
}

TEST(Judge, AStreamWithAFloorAloneIsJudgedByIt) {
    Policy policy = plain_policy();
    policy.streams[0].baseline = BaselineKind::floor;
    policy.streams[0].floor = 0.005;
    WatchBuilder good(policy);
    EXPECT_EQ(said(good.check({counts(1000, 0, 0, 0)})), "continue awaiting_confirmation");
    EXPECT_EQ(said(good.check({counts(1000, 0, 0, 0)})), "promote not_worse");
    WatchBuilder bad(policy);
    EXPECT_EQ(said(bad.check({counts(1000, 20, 0, 0)})), "rollback regression: a");
    WatchBuilder same(policy);
    EXPECT_EQ(said(same.checks(47, {counts(1000, 5, 0, 0)})), "continue not_proven: a");
    EXPECT_EQ(said(same.check({counts(1000, 5, 0, 0)})), "hold horizon_reached: a");
}

TEST(Judge, APreviousReleaseIsAFrozenBaseline) {
    Policy policy = plain_policy();
    policy.streams[0].baseline = BaselineKind::previous;
    WatchBuilder without(policy);
    EXPECT_EQ(said(without.checks(3, {counts(1000, 40, 0, 0)})), "continue no_baseline: a");
    WatchBuilder good(policy);
    good.watch_.frozen = {{50'000, 50}};
    EXPECT_EQ(said(good.checks(9, {counts(1000, 1, 0, 0)})), "continue not_proven: a");
    good.checks(30, {counts(1000, 1, 0, 0)});
    EXPECT_EQ(said(good.last_), "promote not_worse");
    WatchBuilder bad(policy);
    bad.watch_.frozen = {{50'000, 50}};
    EXPECT_EQ(said(bad.checks(3, {counts(1000, 4, 0, 0)})), "rollback regression: a");
}

TEST(Judge, ShadowLeavesByExposureAndGates) {
    Policy policy = plain_policy();
    policy.required_gates = {"ci"};
    WatchBuilder watch(policy, Stage::shadow);
    EXPECT_EQ(said(watch.checks(2, {counts(0, 0, 400, 90)})), "continue awaiting_exposure: a");
    EXPECT_EQ(said(watch.check({counts(0, 0, 400, 90)})), "continue awaiting_confirmation");
    EXPECT_EQ(said(watch.check({counts(0, 0, 400, 90)})), "continue awaiting_gates: ci");
    watch.gate("ci", true);
    EXPECT_EQ(said(watch.check({counts(0, 0, 400, 90)})), "promote exposure_met");
}

TEST(Judge, ShadowOfStreamsWithoutAShadowIsExposedAllTheSame) {
    Policy policy = plain_policy();
    policy.streams[0].baseline = BaselineKind::previous;
    WatchBuilder watch(policy, Stage::shadow);
    EXPECT_EQ(said(watch.checks(5, {kNothing})), "continue awaiting_exposure");
    watch.handled_ = {0, 1000};
    watch.check({kNothing});
    EXPECT_EQ(said(watch.check({kNothing})), "promote exposure_met");
}

TEST(Judge, FullStandsItsTimeAgainstTheLastGoodBaseline) {
    WatchBuilder good(plain_policy(), Stage::full);
    good.watch_.frozen = {{50'000, 50}};
    const StreamCounts calm = counts(5000, 5, 0, 0);
    EXPECT_EQ(said(good.checks(5, {calm})), "continue awaiting_time");
    EXPECT_EQ(said(good.check({calm})), "continue awaiting_confirmation");
    EXPECT_EQ(said(good.check({calm})), "promote watch_complete");
    WatchBuilder bad(plain_policy(), Stage::full);
    bad.watch_.frozen = {{50'000, 50}};
    EXPECT_EQ(said(bad.check({counts(5000, 20, 0, 0)})), "rollback regression: a");
    WatchBuilder empty(plain_policy(), Stage::full);
    EXPECT_EQ(said(empty.checks(7, {kNothing})), "continue no_data: a");
}

TEST(Judge, FullHoldsWhileTheBudgetBurns) {
    Policy policy = plain_policy();
    policy.streams[0].floor = 0.001;
    WatchBuilder watch(policy, Stage::full);
    StreamCounts burning = counts(5000, 5, 0, 0);
    burning.burn = BurnWindows{};
    burning.burn->five_minutes = burning.burn->one_hour = {1000, 20};
    EXPECT_EQ(said(watch.checks(9, {burning})), "hold burn_rate: a");
    EXPECT_EQ(said(watch.check({counts(5000, 5, 0, 0)})), "promote watch_complete");
}

TEST(Judge, FullMayWaitLongerThanTheHorizon) {
    Policy policy = plain_policy();
    policy.horizon = 3;
    policy.full_watch_seconds = 6000;
    WatchBuilder watch(policy, Stage::full);
    EXPECT_EQ(said(watch.checks(9, {counts(5000, 5, 0, 0)})), "continue awaiting_time");
}

TEST(Judge, AFullWatchTakesNoMoreChecks) {
    Policy policy = plain_policy();
    WatchBuilder watch(policy, Stage::shadow);
    watch.watch_.checks.resize(limits::kChecksMax, SealedCheck{.streams = {kNothing}});
    EXPECT_EQ(said(watch.check({kHealthy})), "hold horizon_reached");
    EXPECT_EQ(watch.watch_.checks.size(), limits::kChecksMax);
    watch.gate("ci", false);
    EXPECT_EQ(said(watch.check({kHealthy})), "rollback gate_failed: ci");
}

TEST(Judge, TheSameChecksGiveTheSameNumbers) {
    WatchBuilder one(lease_bot_policy());
    WatchBuilder two(lease_bot_policy());
    const std::vector<StreamCounts> streams(26, counts(1000, 3, 4000, 9));
    EXPECT_EQ(one.checks(5, streams), two.checks(5, streams));
    EXPECT_EQ(one.watch_, two.watch_);
}

}  // namespace decklog::domain::gate::judge_test
