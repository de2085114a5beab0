// What counts of a rollout now, which is not always its last verdict. Answers, lists, exit codes
// and the verdict that commands are told and recorded with all ask here. Pure, any thread.
#pragma once

#include <optional>
#include <vector>

#include "domain/gate/judge.hpp"
#include "domain/rollout/rollout.hpp"

namespace decklog::domain {

/// People ended it after a promote, which must not be acted on any more, or before any verdict.
[[nodiscard]] bool is_called_off(const Rollout::State& state);

/// The judgement of a red gate or a missing platform, which the log will have a moment later;
/// nullopt: nothing is red, or the rollout is finished.
[[nodiscard]] std::optional<gate::Judgement> red_judgement(
    const Rollout::State& state, const std::vector<gate::MissingPlatform>& missing = {});

/// nullopt: nothing was judged at this stage and weight yet.
[[nodiscard]] std::optional<gate::Verdict> standing_verdict(
    const Rollout::State& state, const std::vector<gate::MissingPlatform>& missing = {});

}  // namespace decklog::domain
