// The judge cases of Spinnaker Kayenta's suites (ClassifierSuite, ScorerSuite, MannWhitneySuite;
// Apache License 2.0) where they apply to counts, and what this judge answers instead. Kayenta
// compares samples of a metric once, by a Mann-Whitney test; here two arms of counts are compared
// at every check.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/domain/gate/watch_builder.hpp"

namespace decklog::domain::gate::kayenta_cases_test {

std::string said(const Judgement& judgement) {
    return std::string(to_text(judgement.verdict)) + " " + std::string(to_text(judgement.reason));
}

// Kayenta: canary [54.9, 54.5, 55.1, 55.6, 57.4] against zeros is High, but the ratio of means is
// NaN and with it the effect size is skipped. Here the evidence needs no ratio: it is a number.
TEST(KayentaCases, ErrorsAgainstABaselineOfZerosAreHighWithoutANan) {
    WatchBuilder watch(plain_policy());
    const Judgement judgement = watch.check({counts(1000, 55, 1000, 0)});
    EXPECT_EQ(said(judgement), "rollback regression");
    const StreamReport stream = watch.report().streams[0];
    EXPECT_FALSE(stream.ratio) << "a ratio to nothing is left out, not infinite";
    ASSERT_TRUE(stream.interval);
    EXPECT_GT(stream.interval->low, 2);
    EXPECT_TRUE(std::isfinite(judgement.streams[0].ln_regression));
}

// Kayenta: both arms all zeros is Pass. Here nothing was learnt about the ratio, so the evidence is
// exactly 1 and nothing is promoted by it; a floor can (rule of three), people can at the horizon.
TEST(KayentaCases, AllZerosProveNothing) {
    WatchBuilder watch(plain_policy());
    EXPECT_EQ(said(watch.checks(47, {counts(1000, 0, 1000, 0)})), "continue not_proven");
    EXPECT_EQ(watch.last_.streams[0].ln_promotion, 0);
    EXPECT_EQ(watch.last_.streams[0].ln_regression, 0);
    EXPECT_EQ(said(watch.check({counts(1000, 0, 1000, 0)})), "hold horizon_reached");
}

// Kayenta: identical samples are Pass at once. Here equal rates are promoted when there are enough
// errors to tell them from twice as many, and not before.
TEST(KayentaCases, IdenticalArmsPassWithTheEvidence) {
    WatchBuilder few(plain_policy());
    EXPECT_EQ(said(few.checks(2, {counts(50, 1, 50, 1)})), "continue not_proven");
    WatchBuilder many(plain_policy());
    EXPECT_EQ(said(many.checks(2, {counts(5000, 100, 5000, 100)})), "promote not_worse");
}

// Kayenta: each arm constant but different gets Gaussian noise of an unseeded generator. Here the
// judge has no randomness: the same counts give the same bytes.
TEST(KayentaCases, ConstantArmsNeedNoNoise) {
    WatchBuilder one(plain_policy());
    WatchBuilder two(plain_policy());
    EXPECT_EQ(one.checks(5, {counts(100, 2, 100, 1)}), two.checks(5, {counts(100, 2, 100, 1)}));
}

// Kayenta: a metric without data is excluded (`remove`), and a Pass with `replace`. Here it is a
// reason to wait, and to roll back when the baseline goes on.
TEST(KayentaCases, NoDataIsNeverAPass) {
    WatchBuilder neither(plain_policy());
    EXPECT_EQ(said(neither.checks(47, {StreamCounts{}})), "continue no_data");
    EXPECT_EQ(said(neither.check({StreamCounts{}})), "hold horizon_reached");
    WatchBuilder canary_only(plain_policy());
    EXPECT_EQ(said(canary_only.checks(5, {counts(1000, 0, 0, 0)})), "continue no_baseline");
    WatchBuilder baseline_only(plain_policy());
    EXPECT_EQ(said(baseline_only.checks(3, {counts(0, 0, 1000, 5)})), "rollback canary_silent");
}

// Kayenta: a critical metric without data makes the score 0, others are left out. Here one required
// stream without data blocks all, and an advisory one does not.
TEST(KayentaCases, ARequiredStreamWithoutDataBlocksTheOthers) {
    const StreamCounts healthy = counts(5000, 100, 5000, 100);
    WatchBuilder required(plain_policy(2));
    EXPECT_EQ(said(required.checks(9, {healthy, StreamCounts{}})), "continue no_data");
    WatchBuilder advisory(plain_policy(2));
    advisory.policy_.streams[1].role = StreamRole::advisory;
    EXPECT_EQ(said(advisory.checks(2, {healthy, StreamCounts{}})), "promote not_worse");
}

// Kayenta: a group in which every metric has no data counts 100. That is not copied.
TEST(KayentaCases, AllStreamsWithoutDataAreNotAHundred) {
    WatchBuilder watch(plain_policy(3));
    EXPECT_EQ(said(watch.checks(40, {StreamCounts{}, StreamCounts{}, StreamCounts{}})),
              "continue no_data");
    EXPECT_EQ(watch.last_.passes, 0U);
}

// Kayenta: groups weighted 75 and 25 of which the small one fails score 75, which passes as
// marginal. Here a weight is a share of alpha: it says how early a stream rolls back, never how
// much of it may be broken.
TEST(KayentaCases, AFailingStreamOfLittleWeightFailsTheWhole) {
    Policy policy = plain_policy(2);
    policy.streams[0].weight = 75;
    policy.streams[1].weight = 25;
    WatchBuilder watch(policy);
    EXPECT_EQ(said(watch.check({counts(5000, 100, 5000, 100), counts(5000, 400, 5000, 100)})),
              "rollback regression");
    EXPECT_EQ(watch.last_.subject, "b");
}

// Kayenta issue 633: 6.5 times the errors passed, on too few points. Here too few points prove
// neither: the verdict waits for more.
TEST(KayentaCases, ALargeRatioOnFewPointsIsNoPass) {
    WatchBuilder watch(plain_policy());
    EXPECT_EQ(said(watch.check({counts(40, 3, 260, 3)})), "continue not_proven");
    EXPECT_EQ(watch.report().streams[0].ratio, 6.5);
}

// Kayenta: a canary that is significantly lower is Low, a failure when asked for. Here fewer errors
// are what promotes soonest.
TEST(KayentaCases, FewerErrorsPromote) {
    WatchBuilder watch(plain_policy());
    EXPECT_EQ(said(watch.checks(2, {counts(1000, 2, 4000, 80)})), "promote not_worse");
}

}  // namespace decklog::domain::gate::kayenta_cases_test
