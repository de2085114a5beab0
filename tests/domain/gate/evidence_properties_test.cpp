// What holds for any counts: no number is missing, more errors never look better, and what cannot
// matter does not.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "domain/gate/batch_likelihood.hpp"
#include "domain/gate/floor_evidence.hpp"
#include "domain/gate/interval.hpp"
#include "domain/gate/promotion_evidence.hpp"
#include "domain/gate/regression_evidence.hpp"
#include "tests/domain/gate/golden_numbers.hpp"

namespace decklog::domain::gate::evidence_properties_test {

using golden::kHorizon;

/// Any size from nothing to billions, any share of errors from none to all.
double units_of(std::uint32_t size) { return size % 11 == 0 ? 0 : std::floor(std::exp(size % 23)); }

std::vector<Batch> any_batches() {
    const auto count = *rc::gen::inRange<std::size_t>(0, 60);
    std::vector<Batch> batches;
    for (std::size_t i = 0; i < count; ++i) {
        const double n_c = units_of(*rc::gen::arbitrary<std::uint32_t>());
        const double n_s = units_of(*rc::gen::arbitrary<std::uint32_t>());
        const auto errors = [](double units) {
            const int share = *rc::gen::inRange(0, 20);
            return share == 19 ? units : std::floor(units * std::exp(-share));
        };
        batches.push_back({n_c, errors(n_c), n_s, errors(n_s)});
    }
    return batches;
}

RegressionEvidence regression(const std::vector<Batch>& batches) {
    return regression_evidence(batches, golden::kRegression, 1, kHorizon);
}
double promotion(const std::vector<Batch>& batches) {
    return ln_promotion_evidence(batches, golden::kPromotion, 2);
}
Batch total_of(const std::vector<Batch>& batches) {
    Batch total;
    for (const Batch& batch : batches) total = sum(total, batch);
    return total;
}
/// Equal up to what a long sum loses.
void expect_near(double a, double b) { RC_ASSERT(std::abs(a - b) <= 1e-9 * (1 + std::abs(a))); }

RC_GTEST_PROP(Evidence, IsANumberForAnyCounts, ()) {
    const auto batches = any_batches();
    const RegressionEvidence evidence = regression(batches);
    RC_ASSERT(std::isfinite(evidence.ln_plain));
    RC_ASSERT(std::isfinite(evidence.ln_restarting));
    RC_ASSERT(std::isfinite(promotion(batches)));
    RC_ASSERT(std::isfinite(ln_floor_evidence(total_of(batches), golden::kFloor, 0.005)));
    const RatioInterval interval = ratio_interval(batches);
    RC_ASSERT(std::isfinite(interval.low) && interval.low >= 0);
    RC_ASSERT(!interval.high || (std::isfinite(*interval.high) && *interval.high >= interval.low));
}

RC_GTEST_PROP(Evidence, MoreCanaryErrorsNeverLookBetter, ()) {
    auto batches = any_batches();
    RC_PRE(!batches.empty());
    const auto at = *rc::gen::inRange<std::size_t>(0, batches.size());
    RC_PRE(batches[at].canary_errors < batches[at].canary_units);
    const RegressionEvidence before = regression(batches);
    const double promoted = promotion(batches);
    const double floor = ln_floor_evidence(total_of(batches), golden::kFloor, 0.005);
    batches[at].canary_errors += 1;
    constexpr double kSlack = 1e-6;  // of sums in the billions
    RC_ASSERT(regression(batches).ln_plain >= before.ln_plain - kSlack);
    RC_ASSERT(regression(batches).ln_restarting >= before.ln_restarting - kSlack);
    RC_ASSERT(promotion(batches) <= promoted + kSlack);
    RC_ASSERT(ln_floor_evidence(total_of(batches), golden::kFloor, 0.005) <= floor + kSlack);
}

RC_GTEST_PROP(Evidence, MoreBaselineErrorsNeverLookWorse, ()) {
    auto batches = any_batches();
    RC_PRE(!batches.empty());
    const auto at = *rc::gen::inRange<std::size_t>(0, batches.size());
    RC_PRE(batches[at].baseline_errors < batches[at].baseline_units);
    const RegressionEvidence before = regression(batches);
    const double promoted = promotion(batches);
    batches[at].baseline_errors += 1;
    RC_ASSERT(regression(batches).ln_plain <= before.ln_plain + 1e-6);
    RC_ASSERT(regression(batches).ln_restarting <= before.ln_restarting + 1e-6);
    RC_ASSERT(promotion(batches) >= promoted - 1e-6);
}

RC_GTEST_PROP(Evidence, OfEqualSharesIsTheSameWholeOrInParts, ()) {
    const double n_c = *rc::gen::inRange(1, 5000);
    const double n_s = *rc::gen::inRange(1, 5000);
    const double x_c = *rc::gen::inRange(0, 50);
    const double x_s = *rc::gen::inRange(0, 50);
    const std::vector<Batch> parts{{n_c, std::min(x_c, n_c), n_s, 0},
                                   {3 * n_c, 0, 3 * n_s, std::min(x_s, n_s)}};
    const std::vector<Batch> whole{total_of(parts)};
    expect_near(regression(whole).ln_plain, regression(parts).ln_plain);
    expect_near(promotion(whole), promotion(parts));
}

RC_GTEST_PROP(Evidence, OfAPlainProductDoesNotKnowTheOrder, ()) {
    auto batches = any_batches();
    const RegressionEvidence before = regression(batches);
    const double promoted = promotion(batches);
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    std::shuffle(batches.begin(), batches.end(), random);
    expect_near(before.ln_plain, regression(batches).ln_plain);
    expect_near(promoted, promotion(batches));
}

RC_GTEST_PROP(Evidence, RestartingCostsAtMostLnTwo, ()) {
    const auto batches = any_batches();
    const RegressionEvidence evidence = regression(batches);
    RC_ASSERT(evidence.ln_restarting >= evidence.ln_plain - std::log(2.0) - 1e-6);
}

RC_GTEST_PROP(Evidence, OfEmptyArmsAddsNothing, ()) {
    auto batches = any_batches();
    const double before = regression(batches).ln_plain;
    const double promoted = promotion(batches);
    batches.push_back({0, 0, 1000, 7});
    batches.push_back({1000, 7, 0, 0});
    RC_ASSERT(regression(batches).ln_plain == before);
    RC_ASSERT(promotion(batches) == promoted);
}

// The mean of every factor under its null, exactly: the sum over all outcomes of small batches.
double mean_likelihood(int n_c, int n_s, double p_c, double p_s, double rho1, double rho0) {
    const auto probability = [](int units, int errors, double p) {
        return std::exp(std::lgamma(units + 1) - std::lgamma(errors + 1) -
                        std::lgamma(units - errors + 1) + errors * std::log(p) +
                        (units - errors) * std::log1p(-p));
    };
    double mean = 0;
    for (int x_c = 0; x_c <= n_c; ++x_c) {
        for (int x_s = 0; x_s <= n_s; ++x_s) {
            const Batch batch{static_cast<double>(n_c), static_cast<double>(x_c),
                              static_cast<double>(n_s), static_cast<double>(x_s)};
            mean += probability(n_c, x_c, p_c) * probability(n_s, x_s, p_s) *
                    std::exp(ln_likelihood(batch, rho1, rho0));
        }
    }
    return mean;
}

RC_GTEST_PROP(Evidence, HasAMeanOfAtMostOneUnderItsNull, ()) {
    const int n_c = *rc::gen::inRange(1, 12);
    const int n_s = *rc::gen::inRange(1, 12);
    const double p_s = *rc::gen::inRange(1, 45) / 100.0;
    const double better = *rc::gen::inRange(1, 101) / 100.0;
    for (const Alternative& worse : golden::kRegression)
        RC_ASSERT(mean_likelihood(n_c, n_s, better * p_s, p_s, worse.value, 1) <= 1 + 1e-9);
    const double p_c = std::min(0.99, 2 * p_s / better);
    RC_PRE(p_c >= 2 * p_s);
    for (const Alternative& good : golden::kPromotion)
        RC_ASSERT(mean_likelihood(n_c, n_s, p_c, p_s, good.value, 2) <= 1 + 1e-9);
}

}  // namespace decklog::domain::gate::evidence_properties_test
