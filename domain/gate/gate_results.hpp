// Hard gates: results of checks that are not statistics. A red one rolls back at once; a required
// one without a result that counts blocks promotion. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/gate/policy.hpp"

namespace decklog::domain::gate {

struct GateResult {
    std::string name;
    bool passed = false;
    std::string release{};
    std::int64_t recorded_at_us = 0;
    std::uint64_t position = 0;
    std::string evidence{};  // where it can be read
};

/// A platform whose accounts are all switched off, or without recent activity.
struct MissingPlatform {
    std::string name;
    /// The last event of it, or the change that switched its last account off; none: there
    /// never was any.
    std::optional<std::uint64_t> position{};
    bool operator==(const MissingPlatform&) const = default;
};

struct GateInputs {
    std::string release{};               // of the rollout
    std::int64_t stage_began_at_us = 0;  // a pass that is older does not count for this stage
    std::vector<GateResult> results{};   // in the log's order; the last of a name counts
    std::vector<MissingPlatform> missing_platforms{};
    std::vector<std::string> drills{};  // kinds of which the release's last drill passed
};

/// The first gate whose last result for this release is a failure, whether it is required or not.
[[nodiscard]] const GateResult* red_gate(const GateInputs& inputs);

/// Required gates of the policy that have not passed for this release in this stage, in its order.
[[nodiscard]] std::vector<std::string> open_gates(const Policy& policy, const GateInputs& inputs);

/// Required drills that have not passed for this release, in the policy's order.
[[nodiscard]] std::vector<std::string> open_drills(const Policy& policy, const GateInputs& inputs);

/// The missing platforms that the policy requires, in its order; none when it requires none.
[[nodiscard]] std::vector<MissingPlatform> missing_required(const Policy& policy,
                                                            const GateInputs& inputs);

}  // namespace decklog::domain::gate
