// What a rollout is judged by: a plain document, the same for everyone who holds its hash
// (docs/gate.md has every key). Defaults are the recommended ones. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/gate/log_space.hpp"
#include "domain/result.hpp"

namespace decklog::domain::gate {

enum class StreamRole : std::uint8_t {
    required,  // can roll back, and has to be proven before the release is promoted
    advisory,  // can roll back
    dry_run,   // is only shown
};

enum class UnitOf : std::uint8_t { unit, conversation, stream };  // of the event's envelope

enum class BaselineKind : std::uint8_t {
    concurrent,  // the shadow of the same time
    previous,    // the last full release, frozen
    floor,       // none: the canary alone against the floor
};

/// One stream of evidence: how often a critical action happens among what was attempted.
struct StreamPolicy {
    std::string action;
    std::string platform{};  // empty: all platforms together
    StreamRole role = StreamRole::required;
    double weight = 1;                    // its share of alpha is weight / sum of weights
    std::vector<std::string> attempts{};  // actions that count a unit as attempted, as errors do
    UnitOf unit = UnitOf::unit;
    BaselineKind baseline = BaselineKind::concurrent;
    /// lambda: an error rate below it is no harm; 0: none. After full also the error budget.
    double floor = 0;
    bool floor_only = false;             // may be promoted by the floor when there is no baseline
    std::uint32_t baseline_errors = 50;  // K_s of a frozen baseline
    bool operator==(const StreamPolicy&) const = default;
};

struct Grids {
    Mixture regression{{2, 0.4}, {3, 0.3}, {5, 0.2}, {10, 0.1}};
    Mixture promotion{{1, 0.8}, {0.5, 0.2}};
    Mixture floor{{0.5, 0.5}, {0.2, 0.3}, {0, 0.2}};
    Mixture floor_regression{{2, 0.4}, {3, 0.3}, {5, 0.2}, {10, 0.1}};
    Mixture share{{0.8, 0.5}, {0.5, 0.5}};
    bool operator==(const Grids&) const = default;
};

/// The canary is silent when it attempted nothing while its baseline did: for so many checks in a
/// row, for so long, and while so many units were to be expected of it (where its planned share is
/// known; at 7 an empty canary of a healthy release has odds of 1 in 1,000).
struct SilenceRule {
    std::uint32_t checks = 3;
    std::uint32_t seconds = 600;
    double expected_units = 7;
    bool operator==(const SilenceRule&) const = default;
};

struct Policy {
    double alpha = 0.05;  // of false rollback, and of false promotion
    double ratio_ok = 1;  // at most this much worse is healthy
    double ratio_bad = 2;
    std::uint32_t horizon = 48;  // checks; then people decide
    bool restart = true;         // mix over the check at which a regression begins
    std::uint32_t consecutive_checks = 2;
    std::uint32_t minimum_exposure = 1000;          // units of the shadow, per required stream
    std::vector<double> canary_weights{5, 25, 50};  // percent
    std::uint32_t full_watch_seconds = 3600;
    std::uint32_t seal_every_seconds = 600;
    std::uint32_t seal_units = 1'000'000;
    double gap_share = 0.1;  // of missing checks, or of late units; more blocks promotion
    SilenceRule silence{};
    Grids grids{};
    std::vector<std::string> required_platforms{};
    std::vector<std::string> required_gates{};
    std::vector<std::string> required_drills{};  // of rollout and rollback; to leave the canary
    std::vector<StreamPolicy> streams{};
    bool operator==(const Policy&) const = default;
};

namespace limits {
inline constexpr std::uint32_t kHorizonMax = 1000;
inline constexpr std::size_t kStreamsMax = 64;
inline constexpr std::size_t kAlternativesMax = 16;
inline constexpr std::size_t kNamesMax = 64;  // of any list of names
inline constexpr std::uint32_t kWatchSecondsMax = 30U * 24 * 3600;
/// Of one watch, whatever seals them; and of those that seal_every_seconds makes at full.
inline constexpr std::size_t kChecksMax = 5000;
inline constexpr std::uint32_t kTimedChecksMax = 4500;
/// Simulated: 3 errors find a doubled rate in 19 % of runs, 30 in 80 %, 100 in 96 %.
inline constexpr std::uint32_t kBaselineErrorsMin = 30;
inline constexpr std::uint32_t kBaselineErrorsMax = 10'000;
}  // namespace limits

/// A canary's weight in thousandths of a percent, as rows hold it: more than none and less than
/// all, else nullopt, as for a weight that is finer.
[[nodiscard]] std::optional<std::uint32_t> weight_millis(double percent);

/// Why this policy cannot be used: invalid_policy, with the path of the key (`streams[0].floor`) as
/// field and the bound it broke as limit, where that is a whole number.
[[nodiscard]] std::optional<Rejection> refusal_of(const Policy& policy);

/// Every key in a fixed order, as TOML: equal policies have equal texts, and reading the text gives
/// the policy back. What is hashed.
[[nodiscard]] std::string canonical_text(const Policy& policy);

/// a_k of a stream that can roll back, 0 of one that is only shown. The sum over all streams is 1.
[[nodiscard]] double alpha_share(const Policy& policy, std::size_t stream);

[[nodiscard]] std::string_view to_text(StreamRole role);
[[nodiscard]] std::string_view to_text(UnitOf unit);
[[nodiscard]] std::string_view to_text(BaselineKind kind);

}  // namespace decklog::domain::gate
