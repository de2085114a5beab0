// Evidence is kept as natural logarithms: a likelihood ratio over millions of units leaves the
// range of a double long before its logarithm does. ln 0 is minus infinity; no function here gives
// a NaN for numbers that are none. Pure, any thread.
#pragma once

#include <limits>
#include <vector>

namespace decklog::domain::gate {

inline constexpr double kLnZero = -std::numeric_limits<double>::infinity();

/// ln(e^a + e^b).
[[nodiscard]] double ln_add(double a, double b);

/// A ratio (or factor) that is bet on, and the share of the stake that it gets.
struct Alternative {
    double value = 1;
    double weight = 1;
    bool operator==(const Alternative&) const = default;
};
using Mixture = std::vector<Alternative>;

/// ln of the sum of weight x e^term; one term an alternative.
[[nodiscard]] double ln_mix(const Mixture& mixture, const std::vector<double>& ln_terms);

/// To 1e-9, ties to even, and never -0: what is stored or compared, since the mathematical library
/// differs between builds in the last digits. Numbers too large for nine decimals stay as they are.
[[nodiscard]] double rounded(double value);

}  // namespace decklog::domain::gate
