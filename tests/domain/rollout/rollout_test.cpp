#include "domain/rollout/rollout.hpp"

#include <gtest/gtest.h>

#include "domain/gate/profiles.hpp"
#include "domain/rollout/check_record.hpp"
#include "domain/rollout/policy_record.hpp"
#include "tests/domain/given.hpp"

namespace decklog::domain::rollout_test {

constexpr std::int64_t kNow = 1'700'000'000'000'000;
constexpr std::int64_t kHour = 3'600'000'000;

RolloutOrder order() {
    RolloutOrder order;
    order.id = "lease-7";
    order.actor = {"operator", "env-admin"};
    order.recorded_by = "token:env-admin";
    order.now_us = kNow;
    return order;
}

gate::Policy policy() {
    gate::Policy policy;
    policy.minimum_exposure = 10;
    policy.horizon = 3;
    gate::StreamPolicy stream;
    stream.action = "ai_reply_error";
    stream.attempts = {"ai_reply_created"};
    policy.streams = {stream};
    return policy;
}

CreateRollout creating() {
    CreateRollout command;
    command.order = order();
    command.service = "lease-api";
    command.release = "r2";
    command.baseline_release = "r1";
    command.policy = policy();
    command.policy_hash = "hash";
    command.salt.fill(7);
    return command;
}

gate::SealedCheck counts(gate::ArmCounts canary, gate::ArmCounts baseline) {
    gate::SealedCheck check;
    check.sealed_at_us = kNow;
    check.streams = {{canary, baseline, std::nullopt}};
    return check;
}

/// A rollout and what happened to it, through real bytes.
class History {
  public:
    explicit History(CreateRollout command = creating()) { does(std::move(command)); }

    Decision<Events> tries(Rollout::Command command) const {
        return Rollout::decide(command, state());
    }
    /// Takes its events in.
    Events does(Rollout::Command command) {
        auto events = tries(std::move(command));
        EXPECT_TRUE(events.has_value()) << events.error().code;
        if (!events) return {};
        for (const NewEvent& event : *events) stored_.emplace_back(event);
        return *events;
    }
    void refuses(Rollout::Command command, std::string_view code) const {
        const auto events = tries(std::move(command));
        ASSERT_FALSE(events.has_value());
        EXPECT_EQ(events.error().code, code);
        EXPECT_FALSE(events.error().message.empty());
    }
    gate::Verdict judged(gate::ArmCounts canary, gate::ArmCounts baseline) {
        does(SealCheck{order(), "asked"});
        does(JudgeCheck{order(), 0, counts(canary, baseline), {}});
        return state().verdict->judgement.verdict;
    }
    [[nodiscard]] Rollout::State state() const {
        Rollout::State state;
        for (const StoredEvent& event : stored_)
            state = Rollout::evolve(std::move(state), event.view());
        return state;
    }
    void to_canary() {
        while (judged({}, {1000, 0, 1000, 0}) != gate::Verdict::promote) {
        }
        does(ChangeStage{order(), RolloutStage::canary, 5.0});
    }

  private:
    std::vector<StoredEvent> stored_;
};

constexpr gate::ArmCounts kHealthy{1000, 0, 1000, 0}, kSick{1000, 80, 1000, 0},
    kShadow{4000, 4, 4000, 0};

TEST(Rollout, BeginsInShadowWithItsPolicyAsItWasGiven) {
    const History history;
    const Rollout::State state = history.state();
    EXPECT_TRUE(state.exists);
    EXPECT_EQ(state.stage, RolloutStage::shadow);
    EXPECT_EQ(state.policy, policy());
    EXPECT_EQ(state.release, "r2");
    history.refuses(creating(), "already_created");
}

TEST(Rollout, EveryProfileComesBackFromItsRecord) {
    for (const char* name : {"default", "lease-bot"}) {
        const gate::Policy profile = *gate::find_profile(name);
        EXPECT_EQ(policy_of(*record_of(profile)), profile) << name;
    }
}

TEST(Rollout, RefusesNamesAndReleasesThatCannotBe) {
    CreateRollout command = creating();
    command.service = "a b";
    given<Rollout>().when(command).refuses("invalid_name", "service");
    command = creating();
    command.baseline_release = command.release;
    given<Rollout>().when(command).refuses("same_release", "baselineRelease");
    given<Rollout>().when(SealCheck{order(), "asked"}).refuses("not_found", "id");
}

TEST(Rollout, GoesForwardOnlyWithAPromote) {
    History history;
    history.refuses(ChangeStage{order(), RolloutStage::canary, 5.0}, "not_promoted");
    history.to_canary();
    EXPECT_EQ(history.state().weight, 5);
    history.refuses(ChangeStage{order(), RolloutStage::full, {}}, "not_promoted");
    history.refuses(ChangeStage{order(), RolloutStage::canary, 2.0}, "invalid_weight");
    history.refuses(ChangeStage{order(), RolloutStage::canary, 100.0}, "invalid_weight");
    history.refuses(ChangeStage{order(), RolloutStage::shadow, {}}, "invalid_stage");
}

TEST(Rollout, AWeightIsOfThousandthsOfAPercentSoThatEveryoneSeesTheSameSteps) {
    History history;
    history.to_canary();
    history.does(OverrideRollout{order(), "for a test", kNow + kHour});
    for (const double finer : {20.0001, 5.0004, 1e-9, 99.9999})
        history.refuses(ChangeStage{order(), RolloutStage::canary, finer}, "invalid_weight");
    const auto refused = history.tries(ChangeStage{order(), RolloutStage::canary, 20.0001});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().field, "weight");
    EXPECT_EQ(refused.error().limit, 3) << "decimals";
    history.does(ChangeStage{order(), RolloutStage::canary, 20.001});
    EXPECT_EQ(history.state().weight, 20.001);
}

TEST(Rollout, AStageCannotBeSkipped) {
    History history;
    history.refuses(ChangeStage{order(), RolloutStage::full, {}}, "invalid_stage");
}

TEST(Rollout, RollsBackAReleaseThatIsWorseAndSaysSoAgain) {
    History history;
    history.to_canary();
    EXPECT_EQ(history.judged(kSick, kShadow), gate::Verdict::rollback);
    EXPECT_EQ(history.state().verdict->judgement.reason, gate::Reason::regression);
    history.refuses(SealCheck{order(), "asked"}, "verdict_stands");
    history.refuses(ChangeStage{order(), RolloutStage::full, {}}, "not_promoted");
    history.does(ChangeStage{order(), RolloutStage::rolled_back, {}});
    history.refuses(SealCheck{order(), "asked"}, "rollout_finished");
    EXPECT_EQ(history.state().verdict->judgement.verdict, gate::Verdict::rollback);
}

TEST(Rollout, ACheckIsJudgedOnce) {
    History history;
    history.does(SealCheck{order(), "asked"});
    history.refuses(SealCheck{order(), "timer"}, "check_open");
    history.does(JudgeCheck{order(), 0, counts({}, kShadow), {}});
    EXPECT_TRUE(history.does(JudgeCheck{order(), 0, counts({}, kShadow), {}}).empty());
    EXPECT_EQ(history.state().checks, 1U);
}

TEST(Rollout, ARedGateRollsBackAtOnce) {
    History history;
    EXPECT_TRUE(history.does(JudgeGates{order()}).empty());
    RecordGate gate{order(), "ci", false, {}, "https://ci.example.com/7"};
    history.does(gate);
    const Events events = history.does(JudgeGates{order()});
    ASSERT_EQ(events.size(), 1U);
    const Rollout::State state = history.state();
    EXPECT_EQ(state.verdict->judgement.verdict, gate::Verdict::rollback);
    EXPECT_EQ(state.verdict->judgement.subject, "ci");
    EXPECT_EQ(state.verdict->number, 0U);
    EXPECT_TRUE(state.verdict->judgement.cause.has_value());
    EXPECT_TRUE(history.does(JudgeGates{order()}).empty()) << "once";
}

TEST(Rollout, AGateThatTurnsRedAfterThePromoteStopsTheNextStage) {
    History history;
    while (history.judged({}, {1000, 0, 1000, 0}) != gate::Verdict::promote) {
    }
    history.does(RecordGate{order(), "ci", false, {}, {}});
    history.does(OverrideRollout{order(), "drill", kNow + kHour});
    history.refuses(ChangeStage{order(), RolloutStage::canary, 5.0}, "gate_failed");
    history.does(RecordGate{order(), "ci", true, {}, {}});
    history.does(ChangeStage{order(), RolloutStage::canary, 5.0});
}

TEST(Rollout, AGateThatTurnsRedRollsBackBehindAPromoteToo) {
    History history;
    while (history.judged({}, {1000, 0, 1000, 0}) != gate::Verdict::promote) {
    }
    EXPECT_TRUE(history.does(JudgeGates{order()}).empty());
    history.does(RecordGate{order(), "ci", false, {}, {}});
    history.does(JudgeGates{order()});
    EXPECT_EQ(history.state().verdict->judgement.verdict, gate::Verdict::rollback);
    EXPECT_EQ(history.state().verdict->judgement.subject, "ci");
    EXPECT_TRUE(history.does(JudgeGates{order()}).empty()) << "once";
    history.does(RecordGate{order(), "ci", true, {}, {}});
    history.refuses(ChangeStage{order(), RolloutStage::canary, 5.0}, "not_promoted");
}

TEST(Rollout, AMissingPlatformRollsBackAtOnceBehindAPromoteToo) {
    CreateRollout command = creating();
    command.policy.required_platforms = {"roomies"};
    History history(command);
    while (history.judged({}, {1000, 0, 1000, 0}) != gate::Verdict::promote) {
    }
    EXPECT_TRUE(history.does(JudgeGates{order(), {{"renthop", 4}}}).empty()) << "not required";
    ChangeStage forward{order(), RolloutStage::canary, 5.0, {{"roomies", 4}}};
    history.refuses(forward, "missing_platforms");
    history.does(JudgeGates{order(), {{"roomies", 4}}});
    const Rollout::Verdict verdict = *history.state().verdict;
    EXPECT_EQ(verdict.judgement.verdict, gate::Verdict::rollback);
    EXPECT_EQ(verdict.judgement.reason, gate::Reason::missing_platforms);
    EXPECT_EQ(verdict.judgement.subject, "roomies");
    EXPECT_EQ(verdict.judgement.cause, 4U);
    EXPECT_EQ(verdict.number, 0U);
    EXPECT_EQ(verdict.missing_platforms, std::vector<std::string>{"roomies"});
    EXPECT_TRUE(history.does(JudgeGates{order(), {{"roomies", 4}}}).empty()) << "once";
    history.does(OverrideRollout{order(), "drill", kNow + kHour});
    history.refuses(forward, "missing_platforms");
    forward.missing_platforms.clear();
    history.does(forward);
}

TEST(Rollout, ACanaryTakesThePlannedWeightWhenNoneIsNamed) {
    History history;
    while (history.judged({}, {1000, 0, 1000, 0}) != gate::Verdict::promote) {
    }
    history.does(ChangeStage{order(), RolloutStage::canary, {}});
    EXPECT_EQ(history.state().weight, 5) << "of 5, 25, 50";
    for (const double weight : {25.0, 50.0}) {
        history.does(OverrideRollout{order(), "for a test", kNow + kHour});
        history.does(ChangeStage{order(), RolloutStage::canary, {}});
        EXPECT_EQ(history.state().weight, weight);
    }
    history.refuses(ChangeStage{order(), RolloutStage::canary, {}}, "invalid_weight");
    history.refuses(ChangeStage{order(), RolloutStage::aborted, 5.0}, "invalid_weight");
}

TEST(Rollout, ReasonsAndEvidenceAreTextsThatSaySomething) {
    const History history;
    for (const char* reason : {"", "   ", "a\nb"})
        history.refuses(OverrideRollout{order(), reason, kNow + kHour}, "invalid_reason");
    history.refuses(RecordGate{order(), "ci", true, {}, "a\ab"}, "invalid_evidence");
}

TEST(Rollout, AGateOfAnotherReleaseCountsForNothing) {
    History history;
    history.does(RecordGate{order(), "ci", false, "r1", {}});
    EXPECT_TRUE(history.does(JudgeGates{order()}).empty());
}

TEST(Rollout, IsJudgedAnewAtEachStageAndWeight) {
    History history;
    EXPECT_FALSE(history.state().is_judged);
    history.to_canary();
    EXPECT_FALSE(history.state().is_judged) << "the verdict was the shadow's";
    EXPECT_EQ(history.judged(kHealthy, kShadow), gate::Verdict::proceed);
    EXPECT_TRUE(history.state().is_judged);
    history.does(OverrideRollout{order(), "looks good", kNow + kHour});
    history.does(ChangeStage{order(), RolloutStage::canary, 25.0});
    EXPECT_FALSE(history.state().is_judged);
    history.does(RecordGate{order(), "ci", false, "", ""});
    history.does(JudgeGates{order()});
    EXPECT_TRUE(history.state().is_judged) << "a red gate judges without a check";
    history.does(ChangeStage{order(), RolloutStage::rolled_back, {}});
    EXPECT_TRUE(history.state().is_judged) << "of a finished rollout the last verdict stays";
}

TEST(Rollout, KeepsTheLastResultOfAGateForEachRelease) {
    History history;
    for (const char* release : {"r2", "r1", "r2", "r2"})
        history.does(RecordGate{order(), "ci", release == std::string("r1"), release, "run-1"});
    history.does(RecordGate{order(), "web", true, "r2", ""});
    history.does(RecordGate{order(), "ci", true, "r2", "run-2"});
    const auto gates = history.state().gates;
    ASSERT_EQ(gates.size(), 3U);
    EXPECT_EQ(gates[0].release, "r1");
    EXPECT_EQ(gates[0].evidence, "run-1");
    EXPECT_EQ(gates[1].name, "web");
    EXPECT_EQ(gates[2].name, "ci");
    EXPECT_TRUE(gates[2].passed);
    EXPECT_EQ(gates[2].evidence, "run-2");
}

TEST(Rollout, AnOverrideLetsOneStageBeginAndEnds) {
    History history;
    history.refuses(OverrideRollout{order(), "", kNow + kHour}, "invalid_reason");
    history.refuses(OverrideRollout{order(), "drill", kNow}, "invalid_expiry");
    const auto too_long = history.tries(OverrideRollout{order(), "drill", kNow + 169 * kHour});
    ASSERT_FALSE(too_long.has_value());
    EXPECT_EQ(too_long.error().limit, 604'800) << "seconds";
    history.does(OverrideRollout{order(), "drill", kNow + kHour});
    ChangeStage late{order(), RolloutStage::canary, 5.0};
    late.order.now_us = kNow + kHour;
    history.refuses(late, "not_promoted");
    history.does(ChangeStage{order(), RolloutStage::canary, 5.0});
    history.refuses(ChangeStage{order(), RolloutStage::canary, 10.0}, "not_promoted");
}

TEST(Rollout, AHoldAtTheHorizonLetsANewWatchBegin) {
    History history;
    history.to_canary();
    gate::Verdict verdict = gate::Verdict::proceed;
    for (std::uint32_t i = 0; i < policy().horizon; ++i)
        verdict = history.judged({10, 0, 10, 0}, {40, 0, 40, 0});
    EXPECT_EQ(verdict, gate::Verdict::hold);
    history.does(ChangeStage{order(), RolloutStage::canary, 5.0});
    EXPECT_TRUE(history.state().watch.checks.empty());
}

TEST(Rollout, FullCompletesByItsOwnVerdict) {
    History history;
    history.to_canary();
    while (history.judged({5000, 0, 5000, 0}, {20000, 100, 20000, 0}) != gate::Verdict::promote) {
    }
    history.does(ChangeStage{order(), RolloutStage::full, {}});
    history.does(FreezeBaseline{order(), 0, {{}}});
    gate::SealedCheck check = counts(kHealthy, {});
    check.sealed_at_us = (policy().full_watch_seconds + 1) * std::int64_t{1'000'000};
    for (int i = 0; i < 2; ++i) {
        history.does(SealCheck{order(), "timer"});
        history.does(JudgeCheck{order(), 0, check, {}});
    }
    EXPECT_EQ(history.state().stage, RolloutStage::completed);
}

TEST(Rollout, AFullReleaseIsHeldAgainstTheShadowThatWas) {
    History history;
    history.to_canary();
    EXPECT_FALSE(needs_baseline(history.state())) << "its shadow is beside it";
    history.does(OverrideRollout{order(), "for a test", kNow + kHour});
    history.does(ChangeStage{order(), RolloutStage::full, {}});
    EXPECT_TRUE(needs_baseline(history.state()));
    history.does(SealCheck{order(), "asked"});
    EXPECT_TRUE(history.does(JudgeCheck{order(), 0, counts(kSick, {}), {}}).empty())
        << "no check is judged before";
    history.refuses(FreezeBaseline{order(), 0, {}}, "counts");
    EXPECT_TRUE(history.does(FreezeBaseline{order(), 8, {{}}}).empty()) << "of another watch";
    history.does(FreezeBaseline{order(), 0, {{50'000, 50, 3}}});
    EXPECT_EQ(history.state().watch.frozen, (std::vector<gate::FrozenBaseline>{{50'000, 50}}));
    EXPECT_TRUE(history.does(FreezeBaseline{order(), 0, {{1, 1, 1}}}).empty()) << "once";
    history.does(JudgeCheck{order(), 0, counts(kSick, {}), {}});
    EXPECT_EQ(history.state().verdict->judgement.verdict, gate::Verdict::rollback);
    EXPECT_EQ(history.state().verdict->judgement.reason, gate::Reason::regression);
}

TEST(Rollout, AVerdictComesBackFromItsEventWhole) {
    History history;
    history.to_canary();
    history.judged(kHealthy, kShadow);
    const Rollout::State state = history.state();
    const auto judged = gate::judge(
        state.policy,
        [&] {
            gate::Watch before = state.watch;
            before.checks.pop_back();
            before.passes = 0;
            return before;
        }(),
        state.watch.checks.back(), gate_inputs(state, {}));
    EXPECT_EQ(state.verdict->judgement, judged.judgement);
}

}  // namespace decklog::domain::rollout_test
