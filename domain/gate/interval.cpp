#include "domain/gate/interval.hpp"

#include <cmath>
#include <vector>

#include "domain/gate/batch_likelihood.hpp"
#include "domain/gate/log_space.hpp"

namespace decklog::domain::gate {
namespace {

constexpr int kGridPoints = 41;
constexpr double kGridLow = 1.0 / 16;
constexpr double kGridHigh = 64;
constexpr double kThreshold = 20;   // 1 / (1 - 0.95)
constexpr int kHalvings = 64;       // of at most 600: to the last bit
constexpr double kSearchMax = 300;  // |ln rho|: beyond it a bound is none

/// ln lik(e^theta) against rho = 1.
double ln_lik(std::span<const Batch> batches, double theta) {
    double sum = 0;
    for (const Batch& batch : batches) sum += ln_likelihood(batch, std::exp(theta), 1);
    return sum;
}

/// Its derivative: errors seen on the canary minus errors expected there.
double slope(std::span<const Batch> batches, double theta) {
    double sum = 0;
    for (const Batch& batch : batches) {
        if (!compares(batch)) continue;
        const double odds = std::exp(theta) * batch.canary_units / batch.baseline_units;
        sum += batch.canary_errors -
               (batch.canary_errors + batch.baseline_errors) * (odds / (1 + odds));
    }
    return sum;
}

/// Halves [inside, outside] until the two are neighbours.
template <class IsInside>
double boundary(double inside, double outside, const IsInside& is_inside) {
    for (int i = 0; i < kHalvings; ++i) {
        const double middle = inside + (outside - inside) / 2;
        (is_inside(middle) ? inside : outside) = middle;
    }
    return inside;
}

double ln_mean_over_grid(std::span<const Batch> batches) {
    double sum = kLnZero;
    for (int g = 0; g < kGridPoints; ++g) {
        const double theta =
            std::log(kGridLow) + std::log(kGridHigh / kGridLow) * g / (kGridPoints - 1);
        sum = ln_add(sum, ln_lik(batches, theta));
    }
    return sum - std::log(static_cast<double>(kGridPoints));
}

}  // namespace

RatioInterval ratio_interval(std::span<const Batch> batches) {
    Batch total;
    for (const Batch& batch : batches) {
        if (compares(batch)) total = sum(total, batch);
    }
    const bool has_canary = total.canary_errors > 0;
    const bool has_baseline = total.baseline_errors > 0;
    if (!has_canary && !has_baseline) return {};

    const double ln_bound = ln_mean_over_grid(batches) - std::log(kThreshold);
    const auto is_inside = [&](double theta) { return ln_lik(batches, theta) > ln_bound; };
    const auto rises = [&](double theta) { return slope(batches, theta) > 0; };
    const double best = !has_canary     ? -kSearchMax
                        : !has_baseline ? kSearchMax
                                        : boundary(-kSearchMax, kSearchMax, rises);
    RatioInterval interval;
    if (has_canary && !is_inside(-kSearchMax))
        interval.low = std::exp(boundary(best, -kSearchMax, is_inside));
    if (has_baseline && !is_inside(kSearchMax))
        interval.high = std::exp(boundary(best, kSearchMax, is_inside));
    return interval;
}

}  // namespace decklog::domain::gate
