// The engine over real RocksDB rows: what it folds, what it does after a crash, when it stops, and
// who it answers.
#include "projections/engine.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "store/log.hpp"
#include "tests/projections/tally_view.hpp"

namespace decklog::projections::engine_test {

using namespace std::chrono_literals;
TEST_F(EngineTest, FoldsWhatWasThereAndWhatComes) {
    append_random(50);
    auto engine = open();
    append_random(50);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(stored(*engine), fresh());
    EXPECT_EQ(engine->snapshot("tally")->next_ordinal, 100U);
    const auto status = engine->status().front();
    EXPECT_EQ(status.instance, "tally.v1.b1");
    EXPECT_EQ(status.lag_events, 0U);
    EXPECT_EQ(status.stopped, "");
}

TEST_F(EngineTest, GoesOnFromTheStoredPosition) {
    append_random(60);
    ASSERT_TRUE(reflects_all(*open(), log_));
    append_random(60);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b1");
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(EngineTest, FoldsAgainWhenTheLogHasAnotherHistory) {
    append_random(40);
    ASSERT_TRUE(reflects_all(*open(), log_));
    TestLog other;
    other.append_each(RandomLog(2).events(80));
    EngineOptions options;
    options.views = tally_only_;
    options.build = build_;
    auto engine = Engine::open(directory_.path(), other, options).value();
    ASSERT_TRUE(reflects_all(*engine, other));
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b2");
    EXPECT_EQ(stored(*engine), replay(other, tally_, {}).value().rows.rows());
}

TEST_F(EngineTest, FoldsAgainWhenTheLogIsShorter) {
    append_random(40);
    ASSERT_TRUE(reflects_all(*open(), log_));
    TestLog other;
    other.append_each(RandomLog(1).events(30));
    EngineOptions options;
    options.views = tally_only_;
    options.build = build_;
    auto engine = Engine::open(directory_.path(), other, options).value();
    ASSERT_TRUE(reflects_all(*engine, other));
    EXPECT_EQ(engine->snapshot("tally")->next_ordinal, 30U);
    EXPECT_EQ(stored(*engine), replay(other, tally_, {}).value().rows.rows());
}

TEST_F(EngineTest, FoldsAgainUnderAnotherFingerprintLogicOrBuild) {
    append_random(40);
    ASSERT_TRUE(reflects_all(*open(), log_));
    const TallyView other_fingerprint(2);
    const View* second[] = {&other_fingerprint};
    {
        auto engine = open(second);
        ASSERT_TRUE(reflects_all(*engine, log_));
        EXPECT_EQ(engine->status().front().instance, "tally.v1.b2");
    }
    const TallyView other_logic(2, 5);
    const View* third[] = {&other_logic};
    {
        auto engine = open(third);
        ASSERT_TRUE(reflects_all(*engine, log_));
        EXPECT_EQ(engine->status().front().instance, "tally.v5.b1");
    }
    build_ = "another";
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b1");
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(EngineTest, AChangedFoldBeginsAtTheStartAndIsNeverContinued) {
    append_random(40);
    log_.append(random_.of(domain::EventType::command_noted));
    ASSERT_TRUE(reflects_all(*open(), log_));
    TallyView changed(2);
    changed.set_folds_notes(true);
    const View* views[] = {&changed};
    auto engine = open(views);
    append_random(20);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(stored(*engine), replay(log_, changed, {}).value().rows.rows());
    EXPECT_TRUE(engine->snapshot("tally")->parked.empty());
    EXPECT_NE(stored(*engine), fresh());
}

TEST_F(EngineTest, TheViewsOfAnotherBuildAreDroppedWithOneLine) {
    static std::atomic<int> warnings{0};
    append_random(40);
    ASSERT_TRUE(reflects_all(*open(), log_));
    store::configure_logging("warn", [](std::string_view level) {
        if (level == "warn") ++warnings;
    });
    warnings = 0;
    build_ = "another";
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    store::configure_logging("info", nullptr);
    EXPECT_EQ(warnings, 1);
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(EngineTest, WhoWaitsForOneViewWaitsForNoOther) {
    append_random(30);
    log_.append_as(random_.of(domain::EventType::message_received), 0x0399, 1);
    const View* views[] = {&tally_, find_view("baselines")};
    auto engine = open(views);
    EXPECT_TRUE(reflects(*engine, 30, 10s, "baselines"));
    EXPECT_TRUE(reflects(*engine, 30, 10s, kTheLog));
    EXPECT_FALSE(reflects(*engine, 30, 50ms, "tally"));
    EXPECT_FALSE(reflects(*engine, 30, 50ms));
    EXPECT_FALSE(reflects(*engine, 31, 50ms, kTheLog));
}

TEST_F(EngineTest, FoldsAgainWhenItsFilesAreDamaged) {
    append_random(40);
    ASSERT_TRUE(reflects_all(*open(), log_));
    std::filesystem::resize_file(directory_.path() / "CURRENT", 3);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(EngineTest, AFrameIsNeverHalfFolded) {
    auto engine = open();
    const auto events = random_.events(60);
    for (std::size_t at = 0; at < events.size(); at += 20)
        log_.append(std::span(events).subspan(at, 20));
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(engine->snapshot("tally")->next_ordinal % 20, 0U);
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(EngineTest, ParksThePoisonedKeyAndGoesOn) {
    auto engine = open();
    append_random(30);
    log_.append(random_.of(domain::EventType::command_noted));
    append_random(30);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(stored(*engine), fresh());
    const auto parked = engine->snapshot("tally")->parked;
    ASSERT_EQ(parked.size(), 1U);
    EXPECT_EQ(parked.front().key, "notes");
    EXPECT_EQ(parked.front().reason, "poison");
    EXPECT_EQ(engine->status().front().parked, 1U);
    engine.reset();
    EXPECT_EQ(open()->snapshot("tally")->parked.size(), 1U);
}

TEST_F(EngineTest, StopsBeforeAnUnknownTypeOfItsFamilies) {
    auto engine = open();
    append_random(30);
    log_.append_as(random_.of(domain::EventType::message_received), 0x0399, 1);
    append_random(10);
    ASSERT_TRUE(reflects(*engine, 29));
    EXPECT_FALSE(reflects(*engine, 30, 50ms));
    const auto status = engine->status().front();
    EXPECT_EQ(status.next_ordinal, 30U);
    EXPECT_EQ(status.lag_events, 11U);
    EXPECT_NE(status.stopped.find("stopped at 0:30: event type 0x0399 is unknown"),
              std::string::npos)
        << status.stopped;

    EXPECT_EQ(replay(log_, tally_, {}).error().code, domain::ErrorCode::stopped);
    ReplayRange before;
    before.to_ordinal = 29;
    EXPECT_EQ(stored(*engine), replay(log_, tally_, before).value().rows.rows());
}

TEST_F(EngineTest, StopsBeforeANewerSchemaVersionOfItsFamilies) {
    append_random(10);
    log_.append_as(random_.of(domain::EventType::message_received), 0x0301, 2);
    auto engine = open();
    ASSERT_TRUE(reflects(*engine, 9));
    EXPECT_FALSE(reflects(*engine, 10, 50ms));
    const std::string stopped = engine->status().front().stopped;
    EXPECT_NE(stopped.find("MessageReceived has schema version 2, this build knows 1"),
              std::string::npos)
        << stopped;
}

TEST_F(EngineTest, PassesUnknownTypesOfOtherFamilies) {
    auto engine = open();
    append_random(5);
    log_.append_as(random_.of(domain::EventType::audit_action_recorded), 0x0499, 1);
    log_.append_as(random_.of(domain::EventType::audit_action_recorded), 0x0401, 9);
    EXPECT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(engine->status().front().stopped, "");
}

TEST_F(EngineTest, AWindowThatOverflowsIsMadeUpFromTheLog) {
    EngineOptions options;
    options.views = tally_only_;
    options.batch_events_max = 4;
    options.window_events_max = 8;
    options.build = build_;
    tally_.set_slow(1ms);
    auto engine = Engine::open(directory_.path(), log_, options).value();
    append_random(400);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_GT(log_.disk_reads(), 0U);
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(EngineTest, FollowsALogThatNobodyAnnounces) {
    auto engine = open();
    log_.set_deaf(true);
    append_random(20);
    ASSERT_TRUE(reflects_all(*engine, log_));
    log_.set_deaf(false);
    append_random(20);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(EngineTest, AnswersWaitersAtTheirPositionOrTheirDeadline) {
    auto engine = open();
    append_random(3);
    EXPECT_TRUE(reflects(*engine, 2));
    EXPECT_TRUE(reflects(*engine, 0));
    EXPECT_FALSE(reflects(*engine, 3, 20ms));
    std::promise<bool> later;
    engine->when_reflected({}, {0, 3}, 10s, [&](bool reached) { later.set_value(reached); });
    append_random(1);
    EXPECT_TRUE(later.get_future().get());
    std::promise<bool> elsewhere;
    engine->when_reflected({}, {1, 0}, 10s, [&](bool reached) { elsewhere.set_value(reached); });
    EXPECT_FALSE(elsewhere.get_future().get());
}

TEST_F(EngineTest, StoppingAnswersEveryWaiter) {
    auto engine = open();
    std::promise<bool> answer;
    engine->when_reflected({}, {0, 99}, 1h, [&](bool reached) { answer.set_value(reached); });
    engine->stop();
    EXPECT_FALSE(answer.get_future().get());
    EXPECT_FALSE(reflects(*engine, 99));
    EXPECT_TRUE(engine->snapshot("tally").has_value());
}

TEST_F(EngineTest, ASnapshotStandsStillWhileTheViewMoves) {
    auto engine = open();
    append_random(20);
    ASSERT_TRUE(reflects_all(*engine, log_));
    const auto before = engine->snapshot("tally").value();
    const Rows rows = all_rows(*before.rows);
    append_random(20);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(before.next_ordinal, 20U);
    EXPECT_EQ(all_rows(*before.rows), rows);
    engine.reset();
    EXPECT_EQ(all_rows(*before.rows), rows);
}

TEST_F(EngineTest, LagIsWhatTheOldestUnfoldedEventHasWaited) {
    struct FixedClock final : store::Clock {
        [[nodiscard]] std::int64_t now_us() const override { return now; }
        [[nodiscard]] std::int64_t boot_us() const override { return 7; }
        std::int64_t now = 0;
    } clock;
    append_random(10);
    log_.append_as(random_.of(domain::EventType::message_received), 0x0399, 1);
    clock.now = log_.head(0).recorded_at_us + 2'500'000;
    append_random(4);
    EngineOptions options;
    options.views = tally_only_;
    options.clock = &clock;
    auto engine = Engine::open(directory_.path(), log_, options).value();
    ASSERT_TRUE(reflects(*engine, 9));
    const auto status = engine->status().front();
    EXPECT_EQ(status.lag_events, 5U);
    EXPECT_DOUBLE_EQ(status.lag_seconds, 2.5);
    EXPECT_EQ(engine->last_turn_boot_us(), 7);
}

TEST_F(EngineTest, KnowsNoOtherViews) {
    auto engine = open();
    EXPECT_EQ(engine->snapshot("nothing").error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(engine->rebuild("nothing", Takeover::equal_bytes, {}).error().code,
              domain::ErrorCode::not_found);
    EXPECT_EQ(engine->logic("nothing"), nullptr);
    EXPECT_FALSE(reflects(*engine, 0, 10s, "nothing"));
}

}  // namespace decklog::projections::engine_test
