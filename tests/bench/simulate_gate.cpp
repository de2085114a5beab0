// The table of docs/gate.md: what three rules do with releases of which the truth is known, at
// three base rates and four effects, and some rows beside it. Seeded; a run is a rollout of at most
// 48 checks. tools/dev simulate-gate [--runs N] [--seed N].
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/bench/support/options.hpp"
#include "tests/sim/gate_simulation.hpp"

namespace decklog::bench {
namespace {

using sim::GateRates;
using sim::GateRule;
using sim::GateScenario;

struct Simulation {
    std::uint32_t runs;
    std::uint64_t seed;

    [[nodiscard]] GateRates operator()(GateRule rule, const GateScenario& scenario) const {
        return sim::simulate_gate(rule, scenario, runs, seed);
    }
};

constexpr GateRule kRules[] = {GateRule::two_checks, GateRule::peeked_test, GateRule::judge};
constexpr double kBases[] = {0.001, 0.01, 0.05};
constexpr double kEffects[] = {1, 1.5, 2, 4};

const char* name_of(GateRule rule) {
    switch (rule) {
        case GateRule::two_checks:
            return "two checks";
        case GateRule::peeked_test:
            return "peeked test";
        case GateRule::judge:
            return "gate";
    }
    return "";
}

std::string checks(const std::optional<std::uint32_t>& median) {
    return median ? std::to_string(*median) : "-";
}

void print_row(const std::string& what, GateRule rule, const GateRates& rates) {
    const double hold = 1 - rates.promote() - rates.roll_back();
    std::printf("%-24s %-11s %6.4f +- %.4f  %6.4f +- %.4f  %6.4f  %7s  %8s\n", what.c_str(),
                name_of(rule), rates.promote(), sim::standard_error(rates.promote(), rates.runs),
                rates.roll_back(), sim::standard_error(rates.roll_back(), rates.runs),
                hold < 1e-12 ? 0 : hold, checks(rates.median_to_promote).c_str(),
                checks(rates.median_to_roll_back).c_str());
    std::fflush(stdout);
}

void print_heading(const char* title) {
    std::printf("\n%s\n%-24s %-11s %-16s  %-16s  %-6s  %-7s  %s\n", title, "", "rule", "promoted",
                "rolled back", "held", "to prom", "to roll");
}

std::string percent(double rate) {
    char text[32];
    std::snprintf(text, sizeof text, "%g %%", rate * 100);
    return text;
}
std::string times(double effect) {
    char text[32];
    std::snprintf(text, sizeof text, "%gx", effect);
    return text;
}

/// The most that each rule promoted of what is at least twice as bad, and rolled back of what is
/// not worse.
struct Worst {
    GateRates promotion{}, rollback{};
    void add(double effect, const GateRates& rates) {
        if (effect >= 2 && rates.promoted >= promotion.promoted) promotion = rates;
        if (effect <= 1 && rates.rolled_back >= rollback.rolled_back) rollback = rates;
    }
};

void table(const Simulation& simulate) {
    Worst worst[std::size(kRules)];
    print_heading("1000 canary and 4000 shadow units a check");
    for (const double base : kBases) {
        for (const double effect : kEffects) {
            for (std::size_t i = 0; i < std::size(kRules); ++i) {
                const GateRates rates = simulate(kRules[i], {.base_rate = base, .effect = effect});
                worst[i].add(effect, rates);
                print_row(percent(base) + ", " + times(effect), kRules[i], rates);
            }
        }
    }
    std::printf("\n%-12s %-33s %s\n", "", "false promotion (at 2x or 4x)",
                "false rollback (at 1x)");
    for (std::size_t i = 0; i < std::size(kRules); ++i) {
        const double promoted = worst[i].promotion.promote();
        const double rolled_back = worst[i].rollback.roll_back();
        std::printf("%-12s %.4f +- %.4f                  %.4f +- %.4f\n", name_of(kRules[i]),
                    promoted, sim::standard_error(promoted, simulate.runs), rolled_back,
                    sim::standard_error(rolled_back, simulate.runs));
    }
}

void few_units(const Simulation& simulate) {
    print_heading("200 canary and 800 shadow units a check, 0.1 %");
    for (const double effect : {2.0, 4.0}) {
        for (const GateRule rule : {GateRule::two_checks, GateRule::judge}) {
            print_row(
                times(effect), rule,
                simulate(rule, {.effect = effect, .canary_units = 200, .baseline_units = 800}));
        }
    }
}

void eight_streams(const Simulation& simulate) {
    print_heading("eight streams, 0.1 %");
    for (const GateRule rule : {GateRule::two_checks, GateRule::judge}) {
        print_row("all healthy", rule, simulate(rule, {.streams = 8, .streams_with_effect = 0}));
        print_row("one of them 4x", rule, simulate(rule, {.effect = 4, .streams = 8}));
    }
}

void late_effect(const Simulation& simulate) {
    print_heading("2x from check 25 on, nothing promoted before; rollbacks from there on");
    for (const double base : kBases) {
        for (const bool restart : {true, false}) {
            print_row(percent(base) + (restart ? ", restarting" : ", plain"), GateRule::judge,
                      simulate(GateRule::judge, {.base_rate = base,
                                                 .effect = 2,
                                                 .effect_from = 25,
                                                 .restart = restart,
                                                 .may_promote = false}));
        }
    }
}

void bursts(const Simulation& simulate) {
    print_heading("three errors a failed unit on average, 0.1 %, 1x");
    for (const bool events : {false, true}) {
        print_row(events ? "each error counted" : "units counted", GateRule::judge,
                  simulate(GateRule::judge, {.events_per_failure = 3, .counts_events = events}));
    }
}

void returning_units(const Simulation& simulate) {
    print_heading(
        "the same units in every check, failed ones failing on, nothing promoted, 0.1 %, 1x");
    for (const bool leave : {true, false}) {
        print_row(
            leave ? "leave when they fail" : "counted in every check", GateRule::judge,
            simulate(GateRule::judge,
                     {.units_return = true, .failed_units_leave = leave, .may_promote = false}));
    }
}

void frozen_baseline(const Simulation& simulate) {
    print_heading("frozen baseline, 1 %");
    for (const std::uint32_t errors : {30U, 50U, 100U}) {
        for (const double effect : {1.0, 2.0}) {
            print_row(std::to_string(errors) + " errors, " + times(effect), GateRule::judge,
                      simulate(GateRule::judge,
                               {.base_rate = 0.01, .effect = effect, .frozen_errors = errors}));
        }
    }
}

void floored(const Simulation& simulate) {
    print_heading("floor 0.5 %");
    for (const double base : {0.0001, 0.001, 0.0025}) {
        for (const double effect : {1.0, 2.0}) {
            print_row(
                percent(base) + ", " + times(effect), GateRule::judge,
                simulate(GateRule::judge, {.base_rate = base, .effect = effect, .floor = 0.005}));
        }
    }
}

void wider_ratio(const Simulation& simulate) {
    print_heading("ratio_ok = 1.25");
    for (const double base : kBases) {
        for (const double effect : {1.5, 2.0}) {
            print_row(
                percent(base) + ", " + times(effect), GateRule::judge,
                simulate(GateRule::judge, {.base_rate = base, .effect = effect, .ratio_ok = 1.25}));
        }
    }
}

}  // namespace

int run_simulation(int argc, char** argv) {
    const Options options(argc, argv, {"runs", "seed"});
    const Simulation simulate{static_cast<std::uint32_t>(options.number("runs", 4000)),
                              static_cast<std::uint64_t>(options.number("seed", 1))};
    if (simulate.runs == 0) {
        std::fprintf(stderr, "--runs must be 1 or more\n");
        return 64;
    }
    std::printf("%u runs a row, seed %llu, alpha 0.05, no floor; \"to\": median checks\n",
                simulate.runs, static_cast<unsigned long long>(simulate.seed));
    const auto began = std::chrono::steady_clock::now();
    table(simulate);
    few_units(simulate);
    eight_streams(simulate);
    late_effect(simulate);
    bursts(simulate);
    returning_units(simulate);
    frozen_baseline(simulate);
    floored(simulate);
    wider_ratio(simulate);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("\n%.0f s\n", took.count());
    return 0;
}

}  // namespace decklog::bench

int main(int argc, char** argv) { return decklog::bench::run_simulation(argc, argv); }
