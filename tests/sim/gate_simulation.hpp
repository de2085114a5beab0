// Rollouts by chance: how often a rule promotes or rolls back a release of which the truth is
// known. Units fail independently; every number comes from one seed. Three rules: the one in use
// before (two consecutive checks at or above twice the shadow's rate roll back, two below promote),
// a binomial test at 5 % that is looked at in every check, and the gate's own judge. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/gate/policy.hpp"

namespace decklog::sim {

enum class GateRule : std::uint8_t { two_checks, peeked_test, judge };

struct GateScenario {
    double base_rate = 0.001;       // of the shadow, and of a canary without a regression
    double effect = 1;              // how many times that the canary has
    std::uint32_t effect_from = 1;  // the check it begins with
    std::uint32_t canary_units = 1000;
    std::uint32_t baseline_units = 4000;
    std::uint32_t checks = 48;
    std::uint32_t streams = 1;
    std::uint32_t streams_with_effect = 1;
    double events_per_failure = 1;  // more: failures come in bursts, geometric with this mean,
    bool counts_events = false;     // and are counted one by one instead of once a unit
    /// The same units come back in every check, and one that failed fails from then on.
    bool units_return = false;
    bool failed_units_leave = true;  // with the check of their first error, as the gate counts
    // Of the judge's policy:
    double ratio_ok = 1;
    bool restart = true;
    bool may_promote = true;  // false: it only looks for a regression
    double floor = 0;
    std::uint32_t frozen_errors = 0;  // above 0: the baseline is frozen, of so many errors
};

struct GateRates {
    std::uint32_t runs = 0;
    std::uint32_t promoted = 0;
    std::uint32_t rolled_back = 0;
    /// Checks until the decision, of those runs that came to it; a rollback's counted from the
    /// check that the effect begins with, without those before it.
    std::optional<std::uint32_t> median_to_promote{};
    std::optional<std::uint32_t> median_to_roll_back{};

    [[nodiscard]] double promote() const;
    [[nodiscard]] double roll_back() const;
};

/// Of a proportion that was found in so many runs.
[[nodiscard]] double standard_error(double proportion, std::uint32_t runs);

[[nodiscard]] GateRates simulate_gate(GateRule rule, const GateScenario& scenario,
                                      std::uint32_t runs, std::uint64_t seed);

/// P(Binomial(errors, q) >= canary_errors): the conditional test of two Poisson rates (Przyborowski
/// and Wilenski 1940), one-sided.
[[nodiscard]] double c_test(std::uint64_t canary_errors, std::uint64_t errors, double q);

/// The recommended policy without a floor, for so many streams.
[[nodiscard]] domain::gate::Policy simulated_policy(const GateScenario& scenario);

}  // namespace decklog::sim
