#include "domain/gate/coverage.hpp"

#include <algorithm>
#include <limits>

namespace decklog::domain::gate {
namespace {

/// Units to be expected of the canary, by what its baseline attempted; unlimited without a plan.
double expected_units(const SealedCheck& check, std::size_t stream) {
    const double baseline = static_cast<double>(check.streams[stream].baseline.attempted);
    if (!(check.canary_share > 0 && check.canary_share < 1))
        return baseline > 0 ? std::numeric_limits<double>::max() : 0;
    return baseline * check.canary_share / (1 - check.canary_share);
}

bool is_empty_canary(const SealedCheck& check, std::size_t stream) {
    const StreamCounts& counts = check.streams[stream];
    return counts.canary.attempted == 0 && counts.baseline.attempted > 0;
}

/// The checks up to the last one in which the canary was empty and its baseline was not; checks
/// without any traffic neither count nor end it. Units are the most of any one check, since the
/// same unit may be there in each.
bool is_silent(const Policy& policy, const Watch& watch, std::size_t stream) {
    std::uint32_t checks = 0;
    double expected = 0;
    std::int64_t since_us = watch.began_at_us;
    for (auto check = watch.checks.rbegin(); check != watch.checks.rend(); ++check) {
        if (check->streams[stream].canary.attempted > 0) {
            since_us = check->sealed_at_us;
            break;
        }
        if (!is_empty_canary(*check, stream)) continue;
        ++checks;
        expected = std::max(expected, expected_units(*check, stream));
    }
    constexpr std::int64_t kMicros = 1'000'000;
    const std::int64_t for_us = watch.checks.back().sealed_at_us - since_us;
    return checks >= policy.silence.checks && for_us >= policy.silence.seconds * kMicros &&
           expected >= policy.silence.expected_units;
}

bool has_gap(const Policy& policy, const Watch& watch, std::size_t stream) {
    double exposed = 0, missing = 0, attempted = 0, late = 0;
    for (const SealedCheck& check : watch.checks) {
        const StreamCounts& counts = check.streams[stream];
        attempted += static_cast<double>(counts.canary.attempted);
        late += static_cast<double>(counts.canary.late);
        if (counts.baseline.attempted == 0) continue;
        ++exposed;
        const bool was_due = expected_units(check, stream) >= policy.silence.expected_units;
        if (was_due && is_empty_canary(check, stream)) ++missing;
    }
    return missing > policy.gap_share * exposed || late > policy.gap_share * attempted;
}

/// Whether the baseline was there when the canary last was.
bool has_concurrent_baseline(const Watch& watch, std::size_t stream) {
    for (auto check = watch.checks.rbegin(); check != watch.checks.rend(); ++check) {
        const StreamCounts& counts = check->streams[stream];
        if (counts.canary.attempted > 0) return counts.baseline.attempted > 0;
    }
    return std::any_of(watch.checks.begin(), watch.checks.end(), [&](const SealedCheck& check) {
        return check.streams[stream].baseline.attempted > 0;
    });
}

bool has_baseline(const Policy& policy, const Watch& watch, std::size_t stream) {
    const StreamPolicy& of = policy.streams[stream];
    if (of.baseline == BaselineKind::floor || of.floor_only) return true;
    if (of.baseline == BaselineKind::concurrent && watch.stage != Stage::full)
        return has_concurrent_baseline(watch, stream);
    return stream < watch.frozen.size() && watch.frozen[stream].units > 0;
}

}  // namespace

Coverage coverage_of(const Policy& policy, const Watch& watch, std::size_t stream) {
    Coverage coverage;
    coverage.has_canary = std::any_of(
        watch.checks.begin(), watch.checks.end(),
        [&](const SealedCheck& check) { return check.streams[stream].canary.attempted > 0; });
    coverage.has_baseline = has_baseline(policy, watch, stream);
    if (watch.stage == Stage::canary &&
        policy.streams[stream].baseline == BaselineKind::concurrent) {
        coverage.is_silent = is_silent(policy, watch, stream);
        coverage.has_gap = has_gap(policy, watch, stream);
    }
    return coverage;
}

}  // namespace decklog::domain::gate
