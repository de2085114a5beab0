// Why a verdict is what it is, per stream: counts, rates, the ratio with its interval, evidence
// against its threshold, and what would change it, worked out by the formulas that judge. A pure
// function of the policy and the watch, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/gate/interval.hpp"
#include "domain/gate/judge.hpp"
#include "domain/gate/policy.hpp"
#include "domain/gate/watch.hpp"

namespace decklog::domain::gate {

/// Numbers are rounded to 1e-9.
struct StreamReport {
    StreamPolicy stream{};
    ArmCounts canary{};  // sums over the watch
    ArmCounts baseline{};
    bool is_frozen = false;                   // compared with a baseline that is over:
    FrozenBaseline frozen{};                  // this one; no units: none was found
    std::optional<double> canary_rate{};      // errors per unit; none without units
    std::optional<double> baseline_rate{};    // of whatever it is compared with
    std::optional<double> ratio{};            // none while the baseline has no errors
    std::optional<RatioInterval> interval{};  // none where the floor alone judges
    StreamEvidence evidence{};
    BurnAlert burn = BurnAlert::none;  // at full, of the budget that the floor is
    /// regression, canary_silent, no_data, no_baseline, gap or not_proven; none: it is proven.
    Reason state = Reason::none;
    /// Until this stream is proven; none: not within kForecastChecksMax.
    std::optional<std::uint32_t> clean_checks{};
    /// Where the log has errors of the canary, the newest first; filled by whoever can ask it.
    std::vector<std::uint64_t> error_ordinals{};
    /// More errors of the canary in the last check that would roll back; none: no number would.
    std::optional<std::uint64_t> errors_to_rollback{};
    /// Units of the shadow that are missing until it handled enough.
    std::optional<std::uint64_t> units_to_exposure{};
};

struct Report {
    Judgement judgement{};
    Stage stage = Stage::canary;
    std::vector<StreamReport> streams{};
    /// Until PROMOTE, if nothing else stands against it.
    std::optional<std::uint32_t> clean_checks{};
    std::vector<std::string> open_gates{};
};

inline constexpr std::uint32_t kForecastChecksMax = 1000;

/// Of a canary; the other stages are decided by exposure and time, and their streams are reported
/// without a forecast. `watch` is the one that came with the judgement; before its first check
/// there are no streams to report.
///
/// A clean check is one like the watch's checks so far on average, in units of both arms and in
/// errors of the baseline, with no error of the canary.
[[nodiscard]] Report explain(const Policy& policy, const Judgement& judgement, const Watch& watch,
                             const GateInputs& gates);

}  // namespace decklog::domain::gate
