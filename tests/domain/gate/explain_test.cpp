// What an explanation says, and that its forecasts come true.
#include "domain/gate/explain.hpp"
#include "domain/gate/report_text.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/domain/gate/watch_builder.hpp"

namespace decklog::domain::gate::explain_test {

TEST(Explain, HasCountsRatesRatioAndIntervalOfTheWatch) {
    WatchBuilder watch(plain_policy());
    watch.check({counts(1000, 3, 4000, 4)});
    watch.check({counts(1000, 4, 4000, 5)});
    watch.check({counts(900, 6, 4100, 4)});
    const Report report = watch.report();
    const StreamReport& stream = report.streams[0];
    EXPECT_EQ(stream.canary.units, 2900U);
    EXPECT_EQ(stream.canary.errors, 13U);
    EXPECT_EQ(stream.baseline.units, 12'100U);
    EXPECT_EQ(stream.baseline.errors, 13U);
    EXPECT_EQ(stream.canary_rate, rounded(13.0 / 2900));
    EXPECT_EQ(stream.baseline_rate, rounded(13.0 / 12'100));
    EXPECT_EQ(stream.ratio, rounded(12'100.0 / 2900));
    ASSERT_TRUE(stream.interval && stream.interval->high);
    EXPECT_NEAR(stream.interval->low, 1.1738, 5e-5);
    EXPECT_NEAR(*stream.interval->high, 15.0644, 5e-5);
    EXPECT_EQ(stream.state, Reason::regression);
    EXPECT_FALSE(stream.errors_to_rollback || stream.clean_checks) << "nothing changes a rollback";
    EXPECT_FALSE(report.clean_checks) << "nothing promotes after a rollback";
}

TEST(Explain, CleanChecksComeTrue) {
    WatchBuilder watch(plain_policy());
    watch.checks(4, {counts(1000, 2, 4000, 8)});
    const auto forecast = watch.report().clean_checks;
    ASSERT_TRUE(forecast);
    ASSERT_GT(*forecast, 1U);
    watch.checks(*forecast - 1, {counts(1000, 0, 4000, 8)});
    EXPECT_EQ(watch.last_.verdict, Verdict::proceed);
    EXPECT_EQ(watch.report().clean_checks, 1U);
    watch.check({counts(1000, 0, 4000, 8)});
    EXPECT_EQ(watch.last_.verdict, Verdict::promote);
}

TEST(Explain, CleanChecksOfAFrozenBaselineAndOfAFloorComeTrueToo) {
    for (const BaselineKind kind : {BaselineKind::previous, BaselineKind::floor}) {
        Policy policy = plain_policy();
        policy.streams[0].baseline = kind;
        if (kind == BaselineKind::floor) policy.streams[0].floor = 0.002;
        WatchBuilder watch(policy);
        watch.watch_.frozen = {{50'000, 50}};
        watch.checks(2, {counts(400, 1, 0, 0)});
        const auto forecast = watch.report().clean_checks;
        ASSERT_TRUE(forecast) << to_text(kind);
        watch.checks(*forecast - 1, {counts(400, 0, 0, 0)});
        EXPECT_EQ(watch.last_.verdict, Verdict::proceed) << to_text(kind);
        watch.check({counts(400, 0, 0, 0)});
        EXPECT_EQ(watch.last_.verdict, Verdict::promote) << to_text(kind);
    }
}

TEST(Explain, ErrorsToRollbackAreTheLeastThatDo) {
    const auto verdict_with = [](std::uint64_t more) {
        WatchBuilder watch(plain_policy());
        watch.check({counts(1000, 3, 4000, 4)});
        return watch.check({counts(1000, 4 + more, 4000, 5)}).verdict;
    };
    WatchBuilder watch(plain_policy());
    watch.check({counts(1000, 3, 4000, 4)});
    watch.check({counts(1000, 4, 4000, 5)});
    const auto more = watch.report().streams[0].errors_to_rollback;
    ASSERT_TRUE(more);
    ASSERT_GT(*more, 0U);
    EXPECT_EQ(verdict_with(*more - 1), Verdict::proceed);
    EXPECT_EQ(verdict_with(*more), Verdict::rollback);
}

TEST(Explain, UnitsToExposureAreTheLeastThatAreEnough) {
    Policy policy = plain_policy();
    policy.minimum_exposure = 500;
    policy.consecutive_checks = 1;
    const auto shadow = [](std::uint64_t units) {
        StreamCounts counted;
        counted.baseline.units = counted.baseline.attempted = units;
        return counted;
    };
    WatchBuilder watch(policy, Stage::shadow);
    watch.handled_ = {0, 100};
    EXPECT_EQ(watch.check({shadow(100)}).reason, Reason::awaiting_exposure);
    EXPECT_EQ(watch.report().streams[0].units_to_exposure, 400U);
    EXPECT_NE(report_text(watch.report()).find("400 more units of the shadow would be enough"),
              std::string::npos);
    WatchBuilder short_of_one = watch;
    EXPECT_EQ(short_of_one.check({shadow(399)}).verdict, Verdict::proceed);
    EXPECT_EQ(watch.check({shadow(400)}).verdict, Verdict::promote);
    EXPECT_EQ(watch.report().streams[0].units_to_exposure, 0U);
    WatchBuilder canary(policy);
    canary.check({counts(1000, 2, 4000, 8)});
    EXPECT_FALSE(canary.report().streams[0].units_to_exposure);
}

TEST(Explain, AnOpenGateStandsBesideTheForecast) {
    Policy policy = plain_policy();
    policy.required_gates = {"ci"};
    WatchBuilder watch(policy);
    watch.checks(8, {counts(1000, 2, 4000, 8)});
    EXPECT_EQ(promotion_forecast(watch.report()),
              "1 more clean check would promote, once every open gate has passed");
}

TEST(Explain, WhatCannotHappenHasNoNumber) {
    WatchBuilder clean(plain_policy());
    clean.check({counts(1000, 0, 4000, 0)});
    EXPECT_FALSE(clean.report().streams[0].clean_checks) << "no errors, no evidence";
    EXPECT_FALSE(clean.report().clean_checks);
    WatchBuilder tiny(plain_policy());
    tiny.check({counts(2, 0, 4000, 8)});
    EXPECT_FALSE(tiny.report().streams[0].errors_to_rollback)
        << "two of two against two in a thousand prove too little";
    WatchBuilder alone(plain_policy());
    alone.check({counts(0, 0, 4000, 8)});
    EXPECT_FALSE(alone.report().streams[0].errors_to_rollback);
    EXPECT_FALSE(alone.report().streams[0].canary_rate);
}

TEST(Explain, AProvenCheckNeedsOnlyTheRestOfThoseInARow) {
    WatchBuilder watch(plain_policy());
    watch.checks(8, {counts(1000, 2, 4000, 8)});
    EXPECT_EQ(watch.report().streams[0].clean_checks, 0U);
    EXPECT_EQ(watch.report().streams[0].state, Reason::none);
    EXPECT_EQ(watch.report().clean_checks, 1U);
}

TEST(Explain, SaysWhichBudgetBurns) {
    Policy policy = plain_policy();
    policy.streams[0].floor = 0.001;
    WatchBuilder watch(policy, Stage::full);
    StreamCounts burning = counts(5000, 5, 0, 0);
    burning.burn = BurnWindows{};
    burning.burn->six_hours = burning.burn->three_days = {10'000, 20};
    watch.check({burning});
    EXPECT_EQ(watch.report().streams[0].burn, BurnAlert::ticket);
    EXPECT_EQ(watch.last_.verdict, Verdict::proceed) << "a ticket stops nothing";
}

TEST(Explain, BeforeTheFirstCheckHasNoStreams) {
    WatchBuilder watch(lease_bot_policy());
    watch.gate("ci", false);
    const auto judged = judge_gates(watch.policy_, watch.watch_, watch.gates_);
    ASSERT_TRUE(judged);
    const Report report = explain(watch.policy_, judged->judgement, judged->watch, watch.gates_);
    EXPECT_TRUE(report.streams.empty());
    EXPECT_FALSE(report.clean_checks);
}

TEST(Explain, NamesTheGatesThatAreOpen) {
    Policy policy = plain_policy();
    policy.required_gates = {"ci", "smoke"};
    WatchBuilder watch(policy);
    watch.gate("smoke", true);
    watch.check({counts(1000, 2, 4000, 8)});
    EXPECT_EQ(watch.report().open_gates, std::vector<std::string>{"ci"});
}

}  // namespace decklog::domain::gate::explain_test
