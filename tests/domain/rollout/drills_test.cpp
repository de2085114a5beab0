// Commands that ran and drills: what is recorded of them, what is refused, and that a candidate
// waits for its drills.
#include <gtest/gtest.h>

#include <optional>

#include "domain/rollout/rollout.hpp"
#include "tests/domain/given.hpp"

namespace decklog::domain::drills_test {

constexpr std::int64_t kNow = 1'700'000'000'000'000;
constexpr std::int64_t kSecond = 1'000'000;
constexpr const char* kRun = "00aa11bb22cc33dd";

RolloutOrder order() {
    RolloutOrder order;
    order.id = "lease-7";
    order.actor = {"operator", "t1"};
    order.now_us = kNow;
    return order;
}

CreateRollout creating() {
    CreateRollout command;
    command.order = order();
    command.service = "lease-api";
    command.release = "3f2c9d1";
    command.baseline_release = "0ceb532";
    command.policy.minimum_exposure = 10;
    command.policy.required_drills = {"rollout", "rollback"};
    gate::StreamPolicy stream;
    stream.action = "ai_reply_error";
    stream.attempts = {"ai_reply_created"};
    command.policy.streams = {stream};
    command.policy_hash = "hash";
    return command;
}

RecordCommandRan ran(std::uint32_t number = 1, int exit_code = 0) {
    RecordCommandRan command;
    command.order = order();
    command.run = kRun;
    command.number = number;
    command.words = {"kubectl", "rollout", "status", "deployment/lease-bot-api"};
    command.exit_code = exit_code;
    command.output = "successfully rolled out\n";
    command.started_at_us = kNow;
    command.ended_at_us = kNow + kSecond;
    return command;
}

RecordDrill drill(const char* kind = "rollout", bool passed = true) {
    RecordDrill command;
    command.order = order();
    command.run = kRun;
    command.kind = kind;
    command.environment = "staging";
    command.passed = passed;
    command.snapshot = R"({"windowHours":2})";
    command.started_at_us = kNow;
    command.ended_at_us = kNow + kSecond;
    return command;
}

RecordDrill rollback_drill() {
    RecordDrill command = drill("rollback");
    command.history = "REVISION  CHANGE-CAUSE\n3         <none>\n";
    command.revision = "3";
    return command;
}

/// A rollout and what happened to it, through real bytes.
class Log {
  public:
    Log() { does(creating()); }

    Events does(Rollout::Command command) {
        auto events = Rollout::decide(command, state());
        EXPECT_TRUE(events.has_value()) << events.error().code;
        if (!events) return {};
        for (const NewEvent& event : *events) stored_.emplace_back(event);
        return *events;
    }
    void refuses(Rollout::Command command, std::string_view code, std::string_view field,
                 std::optional<std::int64_t> limit = {}) const {
        given<Rollout>(stored_).when(command).refuses(code, field);
        const auto events = Rollout::decide(command, state());
        ASSERT_FALSE(events.has_value());
        EXPECT_EQ(events.error().limit, limit) << code;
    }
    [[nodiscard]] Rollout::State state() const {
        Rollout::State state;
        for (const StoredEvent& event : stored_)
            state = Rollout::evolve(std::move(state), event.view());
        return state;
    }
    std::string judged(gate::ArmCounts canary, gate::ArmCounts baseline) {
        does(SealCheck{order(), "asked"});
        gate::SealedCheck check;
        check.sealed_at_us = kNow;
        check.streams = {{canary, baseline, std::nullopt}};
        does(JudgeCheck{order(), 0, check, {}});
        const gate::Judgement judgement = state().verdict->judgement;
        return std::string(to_text(judgement.verdict))
            .append(" ")
            .append(to_text(judgement.reason))
            .append(judgement.subject.empty() ? "" : ": ")
            .append(judgement.subject);
    }
    /// A canary that was proven as far as counts can.
    std::string proven_canary() {
        while (judged({}, {1000, 0, 1000, 0}) != "promote exposure_met") {
        }
        does(ChangeStage{order(), RolloutStage::canary, 5.0});
        std::string said = "continue";
        for (int i = 0; i < 20 && said.starts_with("continue"); ++i)
            said = judged({1000, 2, 1000, 0}, {4000, 8, 4000, 0});
        return said;
    }

  private:
    std::vector<StoredEvent> stored_;
};

TEST(CommandsThatRan, AreRecordedWithTheVerdictUnderWhichTheRunBegan) {
    Log log;
    const Events first = log.does(ran(1));
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].type, EventType::rollout_command_ran);
    const auto payload = decode_payload<fb::RolloutCommandRan>(first[0].payload);
    EXPECT_EQ(payload->words, ran().words);
    EXPECT_EQ(payload->output, "successfully rolled out\n");
    EXPECT_EQ(payload->verdict, "") << "none yet";
    EXPECT_EQ(log.judged({}, {5, 0, 5, 0}), "continue awaiting_exposure: ai_reply_error");
    const auto second = decode_payload<fb::RolloutCommandRan>(log.does(ran(2))[0].payload);
    EXPECT_EQ(second->verdict, "") << "of the same run";
    RecordCommandRan other = ran(1, 7);
    other.run = "another";
    const auto third = decode_payload<fb::RolloutCommandRan>(log.does(other)[0].payload);
    EXPECT_EQ(third->verdict, "continue");
    const Rollout::State state = log.state();
    ASSERT_EQ(state.runs.size(), 2U);
    EXPECT_EQ(state.runs[0].commands, 2U);
    EXPECT_FALSE(state.runs[0].has_failed);
    EXPECT_TRUE(state.runs[1].has_failed);
}

TEST(CommandsThatRan, AreTakenAfterTheRolloutIsFinished) {
    Log log;
    log.does(ChangeStage{order(), RolloutStage::rolled_back, {}});
    log.does(ran(1));
    log.does(rollback_drill());
    EXPECT_EQ(log.state().drills.size(), 1U);
    log.refuses(RecordGate{order(), "ci", true, {}, {}}, "rollout_finished", "");
}

TEST(CommandsThatRan, AreRefusedByFieldAndLimit) {
    const auto with = [](auto change) {
        RecordCommandRan command = ran();
        change(command);
        return command;
    };
    Log log;
    log.refuses(with([](auto& c) { c.run = "a run"; }), "invalid_name", "run", 128);
    log.refuses(with([](auto& c) { c.number = 0; }), "invalid_number", "number", 1000);
    log.refuses(with([](auto& c) { c.number = 1001; }), "invalid_number", "number", 1000);
    log.refuses(with([](auto& c) { c.words.clear(); }), "invalid_words", "words", 100);
    log.refuses(with([](auto& c) { c.words.assign(101, "w"); }), "invalid_words", "words", 100);
    log.refuses(with([](auto& c) { c.words = {std::string(4097, 'w')}; }), "invalid_words", "words",
                4096);
    log.refuses(with([](auto& c) { c.words = {"\xff"}; }), "invalid_words", "words", 4096);
    log.refuses(with([](auto& c) { c.exit_code = 256; }), "invalid_exit_code", "exitCode", 255);
    log.refuses(with([](auto& c) { c.exit_code = -1; }), "invalid_exit_code", "exitCode", 255);
    log.refuses(with([](auto& c) { c.output.assign(64 * 1024 + 1, 'o'); }), "invalid_output",
                "output", 64 * 1024);
    log.refuses(with([](auto& c) { c.output = "\xc3"; }), "invalid_output", "output", 64 * 1024);
    log.refuses(with([](auto& c) { c.ended_at_us = c.started_at_us - 1; }), "invalid_time",
                "endedAt");
    log.refuses(with([](auto& c) { c.number = 2; }), "out_of_order", "number", 1);
    log.does(with([](auto& c) { c.output.assign(64 * 1024, 'o'); }));
    log.refuses(ran(1), "out_of_order", "number", 2);
    given<Rollout>().when(ran()).refuses("not_found", "id");
}

TEST(CommandsThatRan, FillARunOnlyAsFarAsItCanBeAnswered) {
    Log log;
    RecordCommandRan command = ran();
    command.words.assign(100, std::string(4096, 'w'));
    command.output.clear();
    for (; command.number <= 20; ++command.number) log.does(command);
    log.refuses(command, "run_too_large", "output", 8 << 20);
}

TEST(Drills, AreRefusedByFieldAndLimit) {
    const auto with = [](auto change, RecordDrill command = drill()) {
        change(command);
        return command;
    };
    Log log;
    log.refuses(drill(), "no_commands", "run");
    log.does(ran());
    log.refuses(with([](auto& c) { c.run = ""; }), "invalid_name", "run", 128);
    log.refuses(with([](auto& c) { c.run = "other"; }), "no_commands", "run");
    log.refuses(with([](auto& c) { c.kind = "fire"; }), "invalid_kind", "kind");
    log.refuses(with([](auto& c) { c.environment = "my env"; }), "invalid_name", "environment",
                128);
    log.refuses(with([](auto& c) { c.sha = "a b"; }), "invalid_name", "sha", 128);
    log.refuses(with([](auto& c) { c.snapshot.assign(64 * 1024 + 1, ' '); }), "invalid_snapshot",
                "snapshot", 64 * 1024);
    log.refuses(with([](auto& c) { c.history.assign(64 * 1024 + 1, ' '); }), "invalid_history",
                "history", 64 * 1024);
    log.refuses(with([](auto& c) { c.ended_at_us = c.started_at_us - 1; }), "invalid_time",
                "endedAt");
    log.refuses(with([](auto& c) { c.passed = false; }), "owner_needed", "followUpOwner");
    log.refuses(with([](auto& c) { c.follow_up_owner = "a\nb"; }), "invalid_owner", "followUpOwner",
                200);
    log.refuses(with([](auto& c) { c.revision = ""; }, rollback_drill()), "revision_needed",
                "revision");
    for (const char* none : {"", " \r\n\t"})
        log.refuses(with([&](auto& c) { c.history = none; }, rollback_drill()), "history_needed",
                    "history");
    log.refuses(with([](auto& c) { c.revision = "3 4"; }, rollback_drill()), "invalid_name",
                "revision", 128);
}

TEST(Drills, CannotPassOverACommandThatFailed) {
    Log log;
    log.does(ran(1, 1));
    log.does(ran(2, 0));
    log.refuses(drill(), "command_failed", "passed");
    RecordDrill failed = drill("rollout", false);
    failed.follow_up_owner = "Release duty";
    const auto payload = decode_payload<fb::DrillRecorded>(log.does(failed)[0].payload);
    EXPECT_FALSE(payload->passed);
    EXPECT_EQ(payload->follow_up_owner, "Release duty");
}

TEST(Drills, AWayBackThatFailedNeedsNoHistory) {
    Log log;
    log.does(ran(1, 1));
    RecordDrill failed = rollback_drill();
    failed.passed = false;
    failed.history.clear();
    failed.follow_up_owner = "Release duty";
    EXPECT_EQ(log.does(failed).size(), 1U);
}

TEST(Drills, CloseTheirRun) {
    Log log;
    log.does(ran(1));
    log.does(drill());
    log.refuses(ran(2), "run_finished", "run");
    log.refuses(drill(), "run_finished", "run");
}

TEST(Drills, AreOfTheRolloutsReleaseUnlessAnotherIsGiven) {
    Log log;
    log.does(ran());
    EXPECT_EQ(decode_payload<fb::DrillRecorded>(log.does(drill())[0].payload)->sha, "3f2c9d1");
    EXPECT_EQ(gate_inputs(log.state(), {}).drills, std::vector<std::string>{"rollout"});
}

TEST(Drills, TheLastOfAKindCountsAndOnlyOfThisRelease) {
    Log log;
    const auto in_run = [&log](const char* run, RecordDrill command) {
        RecordCommandRan first = ran();
        first.run = command.run = run;
        log.does(first);
        log.does(command);
        return gate_inputs(log.state(), {}).drills;
    };
    using Kinds = std::vector<std::string>;
    EXPECT_EQ(in_run("a", rollback_drill()), Kinds{"rollback"});
    RecordDrill foreign = drill();
    foreign.sha = "0ceb532";
    EXPECT_EQ(in_run("b", foreign), Kinds{"rollback"});
    EXPECT_EQ(in_run("c", drill()), (Kinds{"rollout", "rollback"}));
    RecordDrill failed = rollback_drill();
    failed.passed = false;
    failed.follow_up_owner = "release-duty";
    EXPECT_EQ(in_run("d", failed), Kinds{"rollout"});
}

TEST(Drills, ACandidateIsHeldUntilBothPassed) {
    Log log;
    EXPECT_EQ(log.proven_canary(), "hold drill_missing: rollout, rollback");
    log.does(ran());
    log.does(drill());
    EXPECT_EQ(log.judged({1000, 2, 1000, 0}, {4000, 8, 4000, 0}), "hold drill_missing: rollback");
    RecordCommandRan way_back = ran();
    RecordDrill second = rollback_drill();
    way_back.run = second.run = "way-back";
    log.does(way_back);
    log.does(second);
    EXPECT_EQ(log.judged({1000, 2, 1000, 0}, {4000, 8, 4000, 0}), "promote not_worse");
}

}  // namespace decklog::domain::drills_test
