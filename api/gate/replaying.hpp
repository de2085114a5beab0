// `decklog gate replay`: judges again what the log already holds, under the same policy or another
// one, and says where the verdicts differ. Counts come from the same fold as the live ones, the
// verdicts from the same judge, so the same log and policy give the same answer to the last digit.
// Reads the log only. Any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/gate/judge.hpp"
#include "domain/gate/policy.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

struct GateReplayWish {
    std::optional<std::string> rollout{};  // its seals and stages; absent: a range, sealed by time
    std::optional<std::uint64_t> from{}, to{};     // ordinals, both included
    std::optional<domain::gate::Policy> policy{};  // absent: the rollout's own
    /// Shadow against shadow: so many percent of its units stand for a canary. What is rolled back
    /// then is rolled back falsely.
    std::optional<double> aa_weight{};
};

struct ReplayedCheck {
    std::uint32_t number = 0;   // of the check; 0: gates alone, between checks
    std::uint64_t ordinal = 0;  // of the seal, or where it would stand
    std::int64_t sealed_at_us = 0;
    std::uint32_t watch = 1;
    domain::gate::Judgement judgement{};
    /// The verdict in the log, where there is one; only of a rollout.
    std::optional<domain::gate::Judgement> recorded{};
};

struct GateReplay {
    std::string policy_hash{};
    std::vector<ReplayedCheck> checks{};
    std::uint32_t watches = 0;
    std::uint32_t rollbacks = 0, promotions = 0;  // of watches
    std::uint64_t events = 0;                     // that were read
};

/// `progress`: (events read, of how many); false ends it. Errors: not_found (the rollout),
/// invalid_argument (a range without a policy), stopped, corrupt, io.
[[nodiscard]] domain::Result<GateReplay> replay_gate(
    const store::LogReader& log, const GateReplayWish& wish,
    const std::function<bool(std::uint64_t, std::uint64_t)>& progress);

}  // namespace decklog::api
