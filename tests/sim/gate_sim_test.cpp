// The gate's two promises, by simulation: a healthy release is rolled back, and one with twice the
// errors promoted, in at most 5 % of rollouts, at any base rate; beside it what the rules that it
// replaces do. The long form, with the table of docs/gate.md: tools/dev simulate-gate.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/gate_simulation.hpp"

namespace decklog::sim::gate_sim_test {

constexpr std::uint32_t kRuns = 400;
constexpr std::uint64_t kSeed = 1;
constexpr double kAlpha = 0.05;
const double kBases[] = {0.001, 0.01, 0.05};

/// What a proportion of `expected` stays below in all but 1 of 700 samples.
double at_most(double expected) { return expected + 3 * standard_error(expected, kRuns); }

GateRates rates(GateRule rule, double base, double effect) {
    return simulate_gate(rule, {.base_rate = base, .effect = effect}, kRuns, kSeed);
}

TEST(CTest, HasItsGoldenNumbers) {
    EXPECT_NEAR(c_test(3, 7, 0.2), 0.148032, 5e-7);
    EXPECT_NEAR(c_test(7, 16, 0.2), 0.0266573, 5e-8);
    EXPECT_NEAR(c_test(13, 26, 2900.0 / 15'000), 0.000427588, 5e-10);
    EXPECT_EQ(c_test(0, 9, 0.2), 1);
}

TEST(GateSimulation, RollsBackHealthyReleasesNoMoreThanAlpha) {
    for (const double base : kBases)
        EXPECT_LE(rates(GateRule::judge, base, 1).roll_back(), at_most(kAlpha)) << base;
}

TEST(GateSimulation, PromotesDoubledErrorsNoMoreThanAlpha) {
    for (const double base : kBases)
        EXPECT_LE(rates(GateRule::judge, base, 2).promote(), at_most(kAlpha)) << base;
}

TEST(GateSimulation, FindsWhatItIsFor) {
    const std::uint32_t slowest[] = {14, 3, 1};  // median checks to roll back 2x
    for (std::size_t i = 0; i < std::size(kBases); ++i) {
        const GateRates twice = rates(GateRule::judge, kBases[i], 2);
        EXPECT_GE(twice.roll_back(), 0.93) << kBases[i];
        EXPECT_LE(twice.median_to_roll_back, slowest[i]) << kBases[i];
        EXPECT_EQ(rates(GateRule::judge, kBases[i], 4).roll_back(), 1) << kBases[i];
        EXPECT_GE(rates(GateRule::judge, kBases[i], 1).promote(), 0.92) << kBases[i];
    }
}

TEST(GateSimulation, BetweenHealthyAndDoubledEndsEitherWayAsOftenAsTheTableSays) {
    const double promoted[] = {0.304, 0.289, 0.185}, rolled_back[] = {0.487, 0.711, 0.815};
    for (std::size_t i = 0; i < std::size(kBases); ++i) {
        const GateRates between = rates(GateRule::judge, kBases[i], 1.5);
        EXPECT_NEAR(between.promote(), promoted[i], 3 * standard_error(promoted[i], kRuns))
            << kBases[i];
        EXPECT_NEAR(between.roll_back(), rolled_back[i], 3 * standard_error(rolled_back[i], kRuns))
            << kBases[i];
        EXPECT_LT(between.promote(), rates(GateRule::two_checks, kBases[i], 1.5).promote())
            << "the rule that it replaces lets more of them through";
    }
}

TEST(GateSimulation, TheRuleItReplacesPromotesDoubledErrorsEverySecondTime) {
    for (const double base : kBases) {
        const double promoted = rates(GateRule::two_checks, base, 2).promote();
        EXPECT_GT(promoted, 0.35) << base;
        EXPECT_LT(promoted, 0.6) << base;
    }
}

TEST(GateSimulation, ATestThatIsPeekedAtRollsBackHealthyReleases) {
    for (const double base : kBases)
        EXPECT_GT(rates(GateRule::peeked_test, base, 1).roll_back(), 0.15) << base;
}

TEST(GateSimulation, EightHealthyStreamsShareOneAlpha) {
    const GateScenario eight{.streams = 8, .streams_with_effect = 0};
    const GateRates judged = simulate_gate(GateRule::judge, eight, kRuns, kSeed);
    EXPECT_LE(judged.roll_back(), at_most(kAlpha));
    EXPECT_GT(simulate_gate(GateRule::two_checks, eight, kRuns, kSeed).roll_back(), 0.95);
}

TEST(GateSimulation, FewUnitsPromoteNothingBad) {
    const GateScenario few{.effect = 2, .canary_units = 200, .baseline_units = 800};
    EXPECT_LE(simulate_gate(GateRule::judge, few, kRuns, kSeed).promote(), at_most(kAlpha));
    EXPECT_GT(simulate_gate(GateRule::two_checks, few, kRuns, kSeed).promote(), 0.7);
}

TEST(GateSimulation, BurstsCountOnceAUnit) {
    const GateScenario once{.events_per_failure = 3};
    GateScenario each = once;
    each.counts_events = true;
    EXPECT_LE(simulate_gate(GateRule::judge, once, kRuns, kSeed).roll_back(), at_most(kAlpha));
    EXPECT_GT(simulate_gate(GateRule::judge, each, kRuns, kSeed).roll_back(), 0.2)
        << "why events are not what is counted";
}

TEST(GateSimulation, AUnitThatFailsInEveryCheckIsOneFailure) {
    const GateScenario leave{.units_return = true, .may_promote = false};
    GateScenario stay = leave;
    stay.failed_units_leave = false;
    EXPECT_LE(simulate_gate(GateRule::judge, leave, kRuns, kSeed).roll_back(), at_most(kAlpha));
    EXPECT_GT(simulate_gate(GateRule::judge, stay, kRuns, kSeed).roll_back(), at_most(kAlpha))
        << "why it leaves the watch";
}

TEST(GateSimulation, AFrozenBaselineKeepsBothPromises) {
    for (const std::uint32_t errors : {30U, 100U}) {
        const GateScenario healthy{.base_rate = 0.01, .frozen_errors = errors};
        GateScenario doubled = healthy;
        doubled.effect = 2;
        EXPECT_LE(simulate_gate(GateRule::judge, healthy, kRuns, kSeed).roll_back(),
                  at_most(kAlpha));
        EXPECT_LE(simulate_gate(GateRule::judge, doubled, kRuns, kSeed).promote(), at_most(kAlpha));
    }
}

TEST(GateSimulation, AFloorPromotesEarlierAndKeepsItsPromise) {
    const GateScenario rare{.base_rate = 0.0001, .floor = 0.005};
    const GateRates promoted = simulate_gate(GateRule::judge, rare, kRuns, kSeed);
    EXPECT_GT(promoted.promote(), 0.95);
    EXPECT_LE(promoted.median_to_promote, 3U);
    const GateScenario bad{.base_rate = 0.0025, .effect = 2, .floor = 0.005};
    EXPECT_LE(simulate_gate(GateRule::judge, bad, kRuns, kSeed).promote(), at_most(kAlpha));
}

TEST(GateSimulation, StartTimesFindALateRegression) {
    GateScenario late{.effect = 2, .effect_from = 25, .may_promote = false};
    const double restarting = simulate_gate(GateRule::judge, late, kRuns, kSeed).roll_back();
    late.restart = false;
    const double plain = simulate_gate(GateRule::judge, late, kRuns, kSeed).roll_back();
    EXPECT_GT(restarting, 0.65);
    EXPECT_LT(plain, 0.45);
}

TEST(GateSimulation, TheSameSeedIsTheSameTable) {
    const auto one = rates(GateRule::judge, 0.001, 1.5);
    const auto two = rates(GateRule::judge, 0.001, 1.5);
    EXPECT_EQ(one.promoted, two.promoted);
    EXPECT_EQ(one.rolled_back, two.rolled_back);
}

}  // namespace decklog::sim::gate_sim_test
