#include "domain/rollout/standing.hpp"

namespace decklog::domain {

bool is_called_off(const Rollout::State& state) {
    const bool is_ended =
        state.stage == RolloutStage::rolled_back || state.stage == RolloutStage::aborted;
    return is_ended &&
           (!state.is_judged || state.verdict->judgement.verdict == gate::Verdict::promote);
}

std::optional<gate::Judgement> red_judgement(const Rollout::State& state,
                                             const std::vector<gate::MissingPlatform>& missing) {
    if (is_finished(state.stage)) return std::nullopt;
    auto red = gate::judge_gates(state.policy, state.watch, gate_inputs(state, missing));
    return red ? std::optional(std::move(red->judgement)) : std::nullopt;
}

std::optional<gate::Verdict> standing_verdict(const Rollout::State& state,
                                              const std::vector<gate::MissingPlatform>& missing) {
    if (is_called_off(state)) {
        const bool is_back = state.stage == RolloutStage::rolled_back;
        return is_back ? gate::Verdict::rollback : gate::Verdict::hold;
    }
    if (const auto red = red_judgement(state, missing)) return red->verdict;
    return state.is_judged ? std::optional(state.verdict->judgement.verdict) : std::nullopt;
}

}  // namespace decklog::domain
