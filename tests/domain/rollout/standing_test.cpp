#include "domain/rollout/standing.hpp"

#include <gtest/gtest.h>

namespace decklog::domain::standing_test {

Rollout::State in_canary() {
    Rollout::State state;
    state.exists = true;
    state.release = "r2";
    state.stage = RolloutStage::canary;
    state.watch.stage = gate::Stage::canary;
    return state;
}

Rollout::State promoted() {
    Rollout::State state = in_canary();
    state.is_judged = true;
    state.verdict.emplace(Rollout::Verdict{});
    state.verdict->judgement.verdict = gate::Verdict::promote;
    state.watch.settled = gate::Settled{gate::Verdict::promote, gate::Reason::not_worse, {}, {}};
    return state;
}

TEST(Standing, IsTheVerdictOfThisStageAndWeightOrNone) {
    EXPECT_EQ(standing_verdict(in_canary()), std::nullopt);
    EXPECT_EQ(standing_verdict(promoted()), gate::Verdict::promote);
}

TEST(Standing, OfARedGateIsARollbackBeforeTheLogHasIt) {
    for (Rollout::State state : {in_canary(), promoted()}) {
        state.gates.push_back({"ci", false, "r2", 1, 7, {}});
        EXPECT_EQ(standing_verdict(state), gate::Verdict::rollback);
        EXPECT_EQ(red_judgement(state)->subject, "ci");
    }
}

TEST(Standing, OfWhatPeopleEndedIsNoPromote) {
    for (Rollout::State state : {in_canary(), promoted()}) {
        state.stage = RolloutStage::rolled_back;
        EXPECT_EQ(standing_verdict(state), gate::Verdict::rollback);
        state.stage = RolloutStage::aborted;
        EXPECT_EQ(standing_verdict(state), gate::Verdict::hold);
    }
    Rollout::State completed = promoted();
    completed.stage = RolloutStage::completed;
    EXPECT_EQ(standing_verdict(completed), gate::Verdict::promote);
}

}  // namespace decklog::domain::standing_test
