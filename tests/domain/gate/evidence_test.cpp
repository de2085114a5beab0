// Golden numbers of every formula, to every digit that docs/gate.md prints.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>

#include "domain/gate/batch_likelihood.hpp"
#include "domain/gate/burn_rate.hpp"
#include "domain/gate/floor_evidence.hpp"
#include "domain/gate/frozen_baseline.hpp"
#include "domain/gate/interval.hpp"
#include "domain/gate/promotion_evidence.hpp"
#include "domain/gate/regression_evidence.hpp"
#include "domain/gate/share_check.hpp"
#include "tests/domain/gate/golden_numbers.hpp"

namespace decklog::domain::gate::evidence_test {

using golden::kHorizon;
using golden::kWorse;
using golden::repeated;

std::string digits(double value, int decimals) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}
/// Of a logarithm: the evidence itself with six decimals.
std::string evidence(double ln) { return digits(std::exp(ln), 6); }

std::span<const Batch> first(std::size_t count) { return std::span(kWorse).first(count); }

RegressionEvidence regression(std::span<const Batch> batches) {
    return regression_evidence(batches, golden::kRegression, 1, kHorizon);
}
double promotion(std::span<const Batch> batches) {
    return ln_promotion_evidence(batches, golden::kPromotion, 2);
}
std::string interval(std::span<const Batch> batches) {
    const RatioInterval found = ratio_interval(batches);
    return "[" + digits(found.low, 4) + ", " + (found.high ? digits(*found.high, 4) : "-") + "]";
}

TEST(BatchLikelihood, IsTheTermWrittenOut) {
    EXPECT_EQ(digits(ln_likelihood(kWorse[0], 2, 1), 9), "0.803190644");
    EXPECT_DOUBLE_EQ(ln_likelihood(kWorse[0], 2, 1), 3 * std::log(5.0 / 3) + 4 * std::log(5.0 / 6));
}

TEST(BatchLikelihood, SaysNothingWhenAnArmAttemptedNothing) {
    EXPECT_EQ(ln_likelihood({0, 0, 4000, 9}, 2, 1), 0);
    EXPECT_EQ(ln_likelihood({1000, 9, 0, 0}, 2, 1), 0);
}

TEST(RegressionEvidence, HasItsGoldenNumbersAfterEachCheck) {
    EXPECT_EQ(evidence(regression(first(1)).ln_plain), "2.143927");
    EXPECT_EQ(evidence(regression(first(1)).ln_restarting), "1.571963");
    EXPECT_EQ(evidence(regression(first(2)).ln_plain), "7.138470");
    EXPECT_EQ(evidence(regression(first(2)).ln_restarting), "4.092014");
    EXPECT_EQ(evidence(regression(first(3)).ln_plain), "228.626700");
    EXPECT_EQ(evidence(regression(first(3)).ln_restarting), "116.279039");
}

TEST(RegressionEvidence, GrowsWithCanaryErrorsAgainstABaselineWithout) {
    const char* expected[] = {"2.222222", "5.307382", "13.645835", "37.588656"};
    for (int errors = 1; errors <= 4; ++errors) {
        const Batch batch{1000, static_cast<double>(errors), 4000, 0};
        EXPECT_EQ(evidence(regression({{batch}}).ln_plain), expected[errors - 1]) << errors;
    }
}

TEST(RegressionEvidence, OfNoErrorsIsExactlyOneInEveryForm) {
    const auto clean = repeated({1000, 0, 4000, 0}, 60);
    for (std::size_t checks = 0; checks <= clean.size(); ++checks) {
        const auto batches = std::span(clean).first(checks);
        EXPECT_EQ(rounded(regression(batches).ln_plain), 0) << checks;
        EXPECT_EQ(rounded(regression(batches).ln_restarting), 0) << checks;
        EXPECT_EQ(rounded(promotion(batches)), 0) << checks;
    }
}

TEST(PromotionEvidence, HasItsGoldenNumbersAfterEachCheck) {
    EXPECT_EQ(evidence(promotion(first(1))), "0.381729");
    EXPECT_EQ(evidence(promotion(first(2))), "0.116771");
    EXPECT_EQ(evidence(promotion(first(3))), "0.009454");
    const auto healthy = repeated({1000, 2, 4000, 8}, 9);
    const auto after = [&](std::size_t checks) {
        return evidence(promotion(std::span(healthy).first(checks)));
    };
    EXPECT_EQ(after(1), "1.460319");
    EXPECT_EQ(after(2), "2.163237");
    EXPECT_EQ(after(7), "17.450454");
    EXPECT_EQ(after(8), "26.830412");
    EXPECT_EQ(after(9), "41.330004");
}

TEST(FloorEvidence, HasItsGoldenNumbers) {
    const auto at = [](double units, double errors) {
        return evidence(ln_floor_evidence({units, errors, 0, 0}, golden::kFloor, 0.005));
    };
    EXPECT_EQ(at(600, 0), "9.631917");
    EXPECT_EQ(at(1000, 0), "52.783967");
    EXPECT_EQ(at(1500, 1), "35.302609");
}

TEST(FloorEvidence, HalfAndHalfIsTheMean) {
    EXPECT_DOUBLE_EQ(ln_half_and_half(std::log(3.0), std::log(5.0)), std::log(4.0));
    EXPECT_DOUBLE_EQ(ln_half_and_half(std::log(3.0), kLnZero), std::log(1.5));
}

TEST(FloorEvidence, OfARateAboveTheFloorGrows) {
    const Mixture factors{{2, 0.5}, {5, 0.5}};
    // 0.5 * 2^10 * (0.98/0.99)^990 + 0.5 * 5^10 * (0.95/0.99)^990 of 10 errors in 1000 at 1 %
    const double two = 10 * std::log(2.0) + 990 * std::log(0.98 / 0.99);
    const double five = 10 * std::log(5.0) + 990 * std::log(0.95 / 0.99);
    const Batch batch{1000, 10, 0, 0};
    EXPECT_DOUBLE_EQ(floor_regression_evidence({{batch}}, factors, 0.01, 1).ln_plain,
                     ln_add(two, five) - std::log(2.0));
    const auto worse = floor_regression_evidence({{{1000, 30, 0, 0}}}, factors, 0.01, kHorizon);
    EXPECT_GT(worse.ln_restarting, std::log(20.0));
}

TEST(FrozenBaseline, HasItsGoldenNumbers) {
    const Batch batch = against({20'000, 20}, {3000, 9, 0, 0});
    EXPECT_EQ(evidence(regression_evidence({{batch}}, golden::kRegression, 1, 1).ln_plain),
              "14.989057");
    EXPECT_EQ(evidence(regression_evidence({{batch}}, golden::kRegression, 1, 1).ln_restarting),
              "14.989057")
        << "there are no start times in this form";
    EXPECT_EQ(evidence(promotion({{batch}})), "0.054883");
}

TEST(FrozenBaseline, IsTheFormulaOfTheInvariantRatio) {
    const double k_s = 30, t_s = 12'345, t = 678, k = 4, rho1 = 3, rho0 = 1.25;
    const double expected =
        k * std::log(rho1 / rho0) + (k_s + k) * std::log((t_s + rho0 * t) / (t_s + rho1 * t));
    EXPECT_NEAR(ln_likelihood(against({t_s, k_s}, {t, k, 0, 0}), rho1, rho0), expected, 1e-12);
}

TEST(RatioInterval, HasItsGoldenNumbersAfterEachCheck) {
    EXPECT_EQ(interval(first(1)), "[0.2221, 31.1039]");
    EXPECT_EQ(interval(first(2)), "[0.5814, 14.9837]");
    EXPECT_EQ(interval(first(3)), "[1.1738, 15.0644]");
}

TEST(RatioInterval, IsOpenWhereAnArmHasNoErrors) {
    EXPECT_EQ(interval({}), "[0.0000, -]");
    EXPECT_EQ(interval({{{1000, 0, 4000, 0}}}), "[0.0000, -]");
    EXPECT_EQ(interval({{{0, 0, 4000, 12}}}), "[0.0000, -]");
    const RatioInterval no_canary = ratio_interval({{{1000, 0, 4000, 40}}});
    EXPECT_EQ(no_canary.low, 0);
    ASSERT_TRUE(no_canary.high);
    EXPECT_LT(*no_canary.high, 1);
    const RatioInterval no_baseline = ratio_interval({{{1000, 9, 4000, 0}}});
    EXPECT_GT(no_baseline.low, 1);
    EXPECT_FALSE(no_baseline.high);
}

TEST(RatioInterval, OfCountsThatSwampTheGridHasNoUpperBoundRatherThanANumberMadeUp) {
    const RatioInterval found = ratio_interval({{{1e12, 1e12, 1e12, 1}}});
    EXPECT_NEAR(found.low, 64, 1e-6) << "the highest ratio that is looked at";
    EXPECT_FALSE(found.high);
}

TEST(ShareCheck, IsTheProductOfItsBatches) {
    const std::vector<HandledUnits> checks{{150, 850, 0.2}, {40, 960, 0.05}};
    const auto of = [](double factor) {
        return 150 * std::log(factor) + 850 * std::log((1 - factor * 0.2) / 0.8) +
               40 * std::log(factor) + 960 * std::log((1 - factor * 0.05) / 0.95);
    };
    EXPECT_NEAR(ln_share_evidence(checks, golden::kShare), ln_add(of(0.8), of(0.5)) - std::log(2.0),
                1e-9);
    EXPECT_GT(ln_share_evidence(checks, golden::kShare), std::log(20.0));
}

TEST(ShareCheck, SaysNothingWithoutAPlanAndSpeaksForOneThatIsMet) {
    EXPECT_EQ(rounded(ln_share_evidence({{{0, 5000, 0}}}, golden::kShare)), 0);
    EXPECT_EQ(rounded(ln_share_evidence({{{0, 5000, 1}}}, golden::kShare)), 0);
    EXPECT_LT(ln_share_evidence({{{210, 790, 0.2}}}, golden::kShare), 0);
}

TEST(BurnRate, IsTheRateInBudgets) {
    EXPECT_DOUBLE_EQ(burn_rate({1000, 5}, 0.005), 1);
    EXPECT_DOUBLE_EQ(burn_rate({100, 10}, 0.005), 20);
    EXPECT_EQ(burn_rate({0, 0}, 0.005), 0);
}

TEST(BurnRate, PagesWhenTheShortWindowAgreesWithTheLongOne) {
    const WindowCounts calm{10'000, 1};
    const auto burning = [](double factor) {
        return WindowCounts{1'000'000, static_cast<std::uint64_t>(1'000'000 * 0.001 * factor)};
    };
    const auto alert = [](const BurnWindows& windows) { return burn_alert(windows, 0.001); };
    EXPECT_EQ(alert({calm, calm, calm, calm, calm}), BurnAlert::none);
    EXPECT_EQ(alert({burning(15), calm, burning(15), calm, calm}), BurnAlert::page);
    EXPECT_EQ(alert({calm, calm, burning(15), calm, calm}), BurnAlert::none) << "it is over";
    EXPECT_EQ(alert({burning(14), calm, burning(14), calm, calm}), BurnAlert::none);
    EXPECT_EQ(alert({calm, burning(7), calm, burning(7), calm}), BurnAlert::page);
    EXPECT_EQ(alert({calm, calm, calm, burning(2), burning(2)}), BurnAlert::ticket);
    EXPECT_EQ(alert({calm, calm, calm, calm, burning(2)}), BurnAlert::none);
}

TEST(Rounded, IsToNineDecimalsAndNeverMinusZero) {
    EXPECT_EQ(rounded(1.0000000004), 1);
    EXPECT_EQ(rounded(-2.71828182845904), -2.718281828);
    EXPECT_FALSE(std::signbit(rounded(-1e-12)));
    EXPECT_EQ(rounded(1e300), 1e300);
    EXPECT_EQ(rounded(kLnZero), kLnZero);
}

}  // namespace decklog::domain::gate::evidence_test
