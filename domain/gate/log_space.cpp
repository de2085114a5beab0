#include "domain/gate/log_space.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace decklog::domain::gate {

double ln_add(double a, double b) {
    const double high = std::max(a, b);
    const double low = std::min(a, b);
    if (low == kLnZero) return high;
    return high + std::log1p(std::exp(low - high));
}

double ln_mix(const Mixture& mixture, const std::vector<double>& ln_terms) {
    double sum = kLnZero;
    for (std::size_t i = 0; i < mixture.size(); ++i) {
        if (mixture[i].weight > 0) sum = ln_add(sum, std::log(mixture[i].weight) + ln_terms[i]);
    }
    return sum;
}

double rounded(double value) {
    constexpr double kUnit = 1e9;
    constexpr double kExactMax = 9e15;  // below 2^53: whole numbers are exact
    const double scaled = value * kUnit;
    if (!(std::abs(scaled) < kExactMax)) return value;
    return std::nearbyint(scaled) / kUnit + 0.0;
}

}  // namespace decklog::domain::gate
