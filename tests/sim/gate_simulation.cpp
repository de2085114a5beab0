#include "tests/sim/gate_simulation.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "domain/gate/judge.hpp"

namespace decklog::sim {
namespace {

namespace gate = domain::gate;

using Random = std::mt19937_64;
using Counts = std::vector<gate::StreamCounts>;  // one a stream

/// One rule at work on one rollout.
class Judge {
  public:
    virtual ~Judge() = default;
    virtual gate::Verdict check(const Counts& counts) = 0;
};

class TwoChecks final : public Judge {
  public:
    gate::Verdict check(const Counts& counts) override {
        const bool is_bad = std::any_of(counts.begin(), counts.end(), is_doubled);
        in_a_row_ = is_bad == was_bad_ ? in_a_row_ + 1 : 1;
        was_bad_ = is_bad;
        if (in_a_row_ < 2) return gate::Verdict::proceed;
        return is_bad ? gate::Verdict::rollback : gate::Verdict::promote;
    }

  private:
    static bool is_doubled(const gate::StreamCounts& counts) {
        const gate::Batch batch = gate::batch_of(counts);
        if (!(batch.baseline_errors > 0)) return batch.canary_errors > 0;
        return batch.canary_errors / batch.canary_units >=
               2 * batch.baseline_errors / batch.baseline_units;
    }
    bool was_bad_ = false;
    int in_a_row_ = 0;
};

class PeekedTest final : public Judge {
  public:
    explicit PeekedTest(const GateScenario& scenario)
        : checks_(scenario.checks), totals_(scenario.streams) {}
    gate::Verdict check(const Counts& counts) override {
        constexpr double kLevel = 0.05;
        ++done_;
        for (std::size_t i = 0; i < totals_.size(); ++i) {
            totals_[i] = gate::sum(totals_[i], gate::batch_of(counts[i]));
            const gate::Batch& total = totals_[i];
            const double q = total.canary_units / (total.canary_units + total.baseline_units);
            const auto canary = static_cast<std::uint64_t>(total.canary_errors);
            const auto all = canary + static_cast<std::uint64_t>(total.baseline_errors);
            if (c_test(canary, all, q) < kLevel) return gate::Verdict::rollback;
        }
        return done_ == checks_ ? gate::Verdict::promote : gate::Verdict::proceed;
    }

  private:
    std::uint32_t checks_;
    std::uint32_t done_ = 0;
    std::vector<gate::Batch> totals_;
};

class GateJudge final : public Judge {
  public:
    GateJudge(const gate::Policy& policy, std::vector<gate::FrozenBaseline> frozen)
        : policy_(policy) {
        watch_.frozen = std::move(frozen);
    }
    gate::Verdict check(const Counts& counts) override {
        gate::SealedCheck sealed;
        sealed.streams = counts;
        auto judged = gate::judge(policy_, std::move(watch_), std::move(sealed), {});
        watch_ = std::move(judged.watch);
        return judged.judgement.verdict;
    }

  private:
    const gate::Policy& policy_;
    gate::Watch watch_;
};

std::unique_ptr<Judge> make_judge(GateRule rule, const GateScenario& scenario,
                                  const gate::Policy& policy,
                                  std::vector<gate::FrozenBaseline> frozen) {
    switch (rule) {
        case GateRule::two_checks:
            return std::make_unique<TwoChecks>();
        case GateRule::peeked_test:
            return std::make_unique<PeekedTest>(scenario);
        case GateRule::judge:
            return std::make_unique<GateJudge>(policy, std::move(frozen));
    }
    return nullptr;
}

/// One arm of one stream, check after check.
class Arm {
  public:
    Arm(const GateScenario& scenario, std::uint32_t units) : scenario_(scenario), units_(units) {}

    gate::ArmCounts draw(double rate, Random& random) {
        if (scenario_.units_return) return draw_returning(rate, random);
        std::uint64_t errors = failures(units_, rate, random);
        if (scenario_.counts_events) errors = std::min(units_, events_of(errors, random));
        return {units_, errors, units_, 0};
    }

  private:
    gate::ArmCounts draw_returning(double rate, Random& random) {
        const std::uint64_t well = units_ - failed_;
        const std::uint64_t errors = failures(well, rate, random);
        failed_ += errors;
        if (scenario_.failed_units_leave) return {well, errors, units_, 0};
        return {units_, failed_, units_, 0};
    }
    static std::uint64_t failures(std::uint64_t units, double rate, Random& random) {
        return std::binomial_distribution<std::uint64_t>(units, rate)(random);
    }
    /// The first error of each failed unit, and so many more.
    [[nodiscard]] std::uint64_t events_of(std::uint64_t failed, Random& random) const {
        std::geometric_distribution<std::uint64_t> more(1 / scenario_.events_per_failure);
        std::uint64_t events = failed;
        for (std::uint64_t i = 0; i < failed; ++i) events += more(random);
        return events;
    }

    const GateScenario& scenario_;
    std::uint64_t units_;
    std::uint64_t failed_ = 0;
};

class Rollout {
  public:
    explicit Rollout(const GateScenario& scenario)
        : scenario_(scenario),
          canary_(scenario.streams, Arm(scenario, scenario.canary_units)),
          baseline_(scenario.streams, Arm(scenario, scenario.baseline_units)) {}

    Counts draw(std::uint32_t check, Random& random) {
        Counts counts(scenario_.streams);
        for (std::uint32_t i = 0; i < scenario_.streams; ++i) {
            const bool is_worse =
                i < scenario_.streams_with_effect && check >= scenario_.effect_from;
            const double rate = scenario_.base_rate * (is_worse ? scenario_.effect : 1);
            counts[i].canary = canary_[i].draw(rate, random);
            counts[i].baseline = baseline_[i].draw(scenario_.base_rate, random);
        }
        return counts;
    }

  private:
    const GateScenario& scenario_;
    std::vector<Arm> canary_, baseline_;
};

/// The log walked back until it has so many errors.
std::vector<gate::FrozenBaseline> draw_frozen(const GateScenario& scenario, Random& random) {
    if (scenario.frozen_errors == 0) return {};
    std::negative_binomial_distribution<std::uint64_t> successes(scenario.frozen_errors,
                                                                 scenario.base_rate);
    std::vector<gate::FrozenBaseline> frozen;
    for (std::uint32_t i = 0; i < scenario.streams; ++i) {
        frozen.push_back({static_cast<double>(successes(random) + scenario.frozen_errors),
                          static_cast<double>(scenario.frozen_errors)});
    }
    return frozen;
}

struct Ending {
    gate::Verdict verdict;
    std::uint32_t check;
};

/// One rollout to its decision, or to the last check.
Ending roll_out(GateRule rule, const GateScenario& scenario, const gate::Policy& policy,
                Random& random) {
    const auto judge = make_judge(rule, scenario, policy, draw_frozen(scenario, random));
    Rollout rollout(scenario);
    for (std::uint32_t check = 1; check <= scenario.checks; ++check) {
        const gate::Verdict verdict = judge->check(rollout.draw(check, random));
        if (verdict == gate::Verdict::promote || verdict == gate::Verdict::rollback)
            return {verdict, check};
    }
    return {gate::Verdict::hold, scenario.checks};
}

std::optional<std::uint32_t> median(std::vector<std::uint32_t> values) {
    if (values.empty()) return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

double GateRates::promote() const { return static_cast<double>(promoted) / runs; }
double GateRates::roll_back() const { return static_cast<double>(rolled_back) / runs; }

double standard_error(double proportion, std::uint32_t runs) {
    return std::sqrt(proportion * (1 - proportion) / runs);
}

double c_test(std::uint64_t canary_errors, std::uint64_t errors, double q) {
    if (canary_errors == 0) return 1;
    const auto n = static_cast<double>(errors);
    auto k = static_cast<double>(canary_errors);
    if (k <= n * q) return 1;  // half or more: no use to know it better
    double term = std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                           k * std::log(q) + (n - k) * std::log1p(-q));
    double sum = 0;
    while (k <= n && term > 1e-18 * sum) {
        sum += term;
        term *= (n - k) / (k + 1) * q / (1 - q);
        ++k;
    }
    return sum;
}

gate::Policy simulated_policy(const GateScenario& scenario) {
    gate::Policy policy;
    policy.horizon = scenario.checks;
    policy.ratio_ok = scenario.ratio_ok;
    policy.restart = scenario.restart;
    if (!scenario.may_promote) policy.consecutive_checks = scenario.checks + 1;
    for (std::uint32_t i = 0; i < scenario.streams; ++i)
        policy.streams.push_back({.action = std::to_string(i),
                                  .attempts = {"attempt"},
                                  .baseline = scenario.frozen_errors > 0
                                                  ? gate::BaselineKind::previous
                                                  : gate::BaselineKind::concurrent,
                                  .floor = scenario.floor});
    return policy;
}

GateRates simulate_gate(GateRule rule, const GateScenario& scenario, std::uint32_t runs,
                        std::uint64_t seed) {
    const gate::Policy policy = simulated_policy(scenario);
    Random random(seed);
    GateRates rates{.runs = runs};
    std::vector<std::uint32_t> to_promote;
    std::vector<std::uint32_t> to_roll_back;
    for (std::uint32_t run = 0; run < runs; ++run) {
        const auto [verdict, check] = roll_out(rule, scenario, policy, random);
        if (verdict == gate::Verdict::promote) {
            ++rates.promoted;
            to_promote.push_back(check);
        }
        if (verdict != gate::Verdict::rollback) continue;
        ++rates.rolled_back;
        if (check >= scenario.effect_from) to_roll_back.push_back(check - scenario.effect_from + 1);
    }
    rates.median_to_promote = median(std::move(to_promote));
    rates.median_to_roll_back = median(std::move(to_roll_back));
    return rates;
}

}  // namespace decklog::sim
