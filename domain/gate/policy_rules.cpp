// What a policy has to be for its guarantees to hold. Every comparison is written so that a number
// that is none fails it.
#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "domain/gate/policy.hpp"
#include "domain/limits.hpp"
#include "domain/text.hpp"

namespace decklog::domain::gate {
namespace {

using Refusal = std::optional<Rejection>;

Refusal refuse(std::string field, std::string rule, std::optional<double> limit = std::nullopt) {
    Rejection refusal{"invalid_policy", std::move(rule), std::move(field), {}};
    // The API tells limits as whole numbers; the rule has those that are none.
    if (limit && std::trunc(*limit) == *limit) refusal.limit = static_cast<std::int64_t>(*limit);
    return refusal;
}

/// Of a number out of its bounds, the bound that it broke; none of what is no number.
std::optional<double> broken(double value, double low, double high) {
    if (value < low) return low;
    return value > high ? std::optional(high) : std::nullopt;
}

/// The first refusal of those that are asked in order.
template <class... Checks>
Refusal first_of(const Checks&... checks) {
    Refusal refusal;
    static_cast<void>(((refusal = checks(), refusal.has_value()) || ...));
    return refusal;
}

auto within(const char* field, double value, double low, double high, const char* rule) {
    return [=]() -> Refusal {
        return value >= low && value <= high ? Refusal{}
                                             : refuse(field, rule, broken(value, low, high));
    };
}

/// Each alternative on the side of the null where it is a bet, stakes that sum to one.
template <class IsBet>
auto mixture(const char* field, const Mixture& mixture, const char* rule, const IsBet& is_bet) {
    return [=, &mixture]() -> Refusal {
        if (mixture.empty() || mixture.size() > limits::kAlternativesMax)
            return refuse(field, "must have 1 to 16 pairs of a value and its weight",
                          limits::kAlternativesMax);
        double sum = 0;
        for (const Alternative& alternative : mixture) {
            if (!is_bet(alternative.value)) return refuse(field, rule);
            if (!(alternative.weight > 0)) return refuse(field, "weights must be above 0");
            sum += alternative.weight;
        }
        return std::abs(sum - 1) <= 1e-9 ? Refusal{} : refuse(field, "weights must sum to 1");
    };
}

Refusal refusal_of_grids(const Policy& policy) {
    const Grids& grids = policy.grids;
    const auto above_ok = [&](double v) { return v > policy.ratio_ok && v <= 1000; };
    const auto below_bad = [&](double v) { return v >= 0.001 && v < policy.ratio_bad; };
    const auto some_factor = [&]() -> Refusal {
        const bool any = std::any_of(grids.floor.begin(), grids.floor.end(),
                                     [](const Alternative& a) { return a.value > 0; });
        return any ? Refusal{} : refuse("grids.floor", "must have a factor above 0");
    };
    return first_of(mixture("grids.regression", grids.regression,
                            "ratios must be above ratio_ok and at most 1000", above_ok),
                    mixture("grids.promotion", grids.promotion,
                            "ratios must be from 0.001 on and below ratio_bad", below_bad),
                    mixture("grids.floor", grids.floor, "factors must be from 0 on and below 1",
                            [](double v) { return v >= 0 && v < 1; }),
                    some_factor,
                    mixture("grids.floor_regression", grids.floor_regression,
                            "factors must be above 1 and at most 1000",
                            [](double v) { return v > 1 && v <= 1000; }),
                    mixture("grids.share", grids.share, "factors must be above 0 and below 1",
                            [](double v) { return v > 0 && v < 1; }));
}

/// Names that are known by `is_valid`, each once.
template <class IsValid>
Refusal refusal_of_names(const std::string& field, const std::vector<std::string>& names,
                         const char* rule, const IsValid& is_valid) {
    if (names.size() > limits::kNamesMax)
        return refuse(field, "must have at most 64 names", limits::kNamesMax);
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string item = field + "[" + std::to_string(i) + "]";
        if (!is_valid(names[i])) return refuse(item, rule);
        if (!seen.insert(names[i]).second) return refuse(item, "is there twice");
    }
    return {};
}

constexpr const char* kOutsideId = "must be 1 to 200 bytes of text without control characters";

Refusal refusal_of_floor(const StreamPolicy& stream, const Grids& grids, const std::string& at) {
    if (!(stream.floor >= 0 && stream.floor < 1))
        return refuse(at + "floor", "must be a rate from 0 (none) on and below 1",
                      broken(stream.floor, 0, 1).value_or(1));
    if (stream.floor > 0 && stream.floor < 1e-9)
        return refuse(at + "floor", "must be at least 0.000000001 when there is one");
    if (stream.floor > 0) {
        if (stream.baseline != BaselineKind::floor) return {};
        for (const Alternative& factor : grids.floor_regression) {
            if (factor.value * stream.floor >= 1)
                return refuse(at + "floor",
                              "times each factor of grids.floor_regression must stay "
                              "below 1");
        }
        return {};
    }
    if (stream.baseline == BaselineKind::floor)
        return refuse(at + "floor", "must be given for baseline = \"floor\"");
    if (stream.floor_only) return refuse(at + "floor_only", "needs a floor to be promoted by");
    return {};
}

Refusal refusal_of_stream(const StreamPolicy& stream, const Grids& grids, const std::string& at) {
    if (!is_outside_id(stream.action))
        return refuse(at + "action", kOutsideId, domain::limits::kOutsideIdBytesMax);
    if (!stream.platform.empty() && !is_outside_id(stream.platform))
        return refuse(at + "platform", kOutsideId, domain::limits::kOutsideIdBytesMax);
    if (!(stream.weight > 0 && stream.weight <= 1e6))
        return refuse(at + "weight", "must be above 0 and at most 1000000",
                      stream.weight > 0 ? 1e6 : 0);
    if (stream.attempts.empty())
        return refuse(at + "attempts", "must name the actions that count a unit as attempted");
    if (auto refused = refusal_of_names(at + "attempts", stream.attempts, kOutsideId,
                                        [](const std::string& a) { return is_outside_id(a); }))
        return refused;
    if (stream.baseline_errors < limits::kBaselineErrorsMin ||
        stream.baseline_errors > limits::kBaselineErrorsMax)
        return refuse(
            at + "baseline_errors", "must be from 30 to 10000: fewer prove too little",
            broken(stream.baseline_errors, limits::kBaselineErrorsMin, limits::kBaselineErrorsMax));
    return refusal_of_floor(stream, grids, at);
}

Refusal refusal_of_streams(const Policy& policy) {
    if (policy.streams.empty() || policy.streams.size() > limits::kStreamsMax)
        return refuse("streams", "must be 1 to 64",
                      policy.streams.empty() ? 1 : limits::kStreamsMax);
    std::set<std::pair<std::string_view, std::string_view>> seen;
    bool has_required = false;
    for (std::size_t i = 0; i < policy.streams.size(); ++i) {
        const StreamPolicy& stream = policy.streams[i];
        const std::string at = "streams[" + std::to_string(i) + "].";
        if (auto refused = refusal_of_stream(stream, policy.grids, at)) return refused;
        if (!seen.emplace(stream.action, stream.platform).second)
            return refuse(at + "action", "is there twice for the same platform");
        has_required = has_required || stream.role == StreamRole::required;
    }
    return has_required ? Refusal{}
                        : refuse("streams", "must have a required one: nothing else is proven");
}

Refusal refusal_of_weights(const std::vector<double>& weights) {
    if (weights.empty() || weights.size() > limits::kNamesMax)
        return refuse("canary_weights", "must have 1 to 64 steps",
                      weights.empty() ? 1 : limits::kNamesMax);
    double previous = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::string item = "canary_weights[" + std::to_string(i) + "]";
        if (!(weights[i] > previous && weights[i] < 100))
            return refuse(item, "must be a percentage below 100 and above the step before",
                          weights[i] >= 100 ? 100 : previous);
        if (!weight_millis(weights[i])) return refuse(item, "must have at most 3 decimals");
        previous = weights[i];
    }
    return {};
}

Refusal refusal_of_numbers(const Policy& policy) {
    return first_of(
        within("alpha", policy.alpha, 1e-6, 0.5, "must be from 0.000001 to 0.5"),
        within("ratio_ok", policy.ratio_ok, 0.01, 100, "must be from 0.01 to 100"),
        [&]() -> Refusal {
            return policy.ratio_bad > policy.ratio_ok && policy.ratio_bad <= 1000
                       ? Refusal{}
                       : refuse("ratio_bad", "must be above ratio_ok and at most 1000",
                                broken(policy.ratio_bad, policy.ratio_ok, 1000));
        },
        within("horizon", policy.horizon, 1, limits::kHorizonMax, "must be from 1 to 1000 checks"),
        within("consecutive_checks", policy.consecutive_checks, 1, policy.horizon,
               "must be from 1 to the horizon"),
        within("full_watch_seconds", policy.full_watch_seconds, 0, limits::kWatchSecondsMax,
               "must be at most 2592000 (30 days)"),
        within("seal_every_seconds", policy.seal_every_seconds, 10, 86'400,
               "must be from 10 to 86400"),
        [&]() -> Refusal {
            return policy.full_watch_seconds / policy.seal_every_seconds <= limits::kTimedChecksMax
                       ? Refusal{}
                       : refuse("full_watch_seconds",
                                "must be at most 4500 times seal_every_seconds",
                                static_cast<double>(limits::kTimedChecksMax) *
                                    policy.seal_every_seconds);
        },
        within("seal_units", policy.seal_units, 1, 1e9, "must be from 1 to 1000000000"),
        within("gap_share", policy.gap_share, 0, 1, "must be a share from 0 to 1"),
        within("silence.checks", policy.silence.checks, 1, limits::kHorizonMax,
               "must be from 1 to 1000"),
        within("silence.seconds", policy.silence.seconds, 0, limits::kWatchSecondsMax,
               "must be at most 2592000 (30 days)"),
        within("silence.expected_units", policy.silence.expected_units, 0, 1e9,
               "must be from 0 to 1000000000"));
}

}  // namespace

std::optional<std::uint32_t> weight_millis(double percent) {
    constexpr double kMillis = 1'000, kWhole = 100 * kMillis;
    constexpr double kSlack = 1e-6;  // what reading a decimal number may be off
    const double millis = std::round(percent * kMillis);
    const bool is_within = millis >= 1 && millis < kWhole;
    if (!is_within || std::abs(percent * kMillis - millis) > kSlack) return std::nullopt;
    return static_cast<std::uint32_t>(millis);
}

std::optional<Rejection> refusal_of(const Policy& policy) {
    return first_of(
        [&] { return refusal_of_numbers(policy); },
        [&] { return refusal_of_weights(policy.canary_weights); },
        [&] { return refusal_of_grids(policy); },
        [&] {
            return refusal_of_names("required_platforms", policy.required_platforms, kOutsideId,
                                    [](const std::string& name) { return is_outside_id(name); });
        },
        [&] {
            return refusal_of_names("required_gates", policy.required_gates,
                                    "must be a name of letters, digits and ._:-",
                                    [](const std::string& name) { return is_name(name); });
        },
        [&] {
            return refusal_of_names(
                "required_drills", policy.required_drills, "must be rollout or rollback",
                [](const std::string& name) { return name == "rollout" || name == "rollback"; });
        },
        [&] { return refusal_of_streams(policy); });
}

}  // namespace decklog::domain::gate
