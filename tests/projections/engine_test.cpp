// The engine over real RocksDB rows: what it folds, what it does after a crash, when it stops, and
// who it answers.
#include "projections/engine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "projections/packed_counts.hpp"
#include "projections/row_bytes.hpp"
#include "tests/projections/random_log.hpp"
#include "tests/projections/test_log.hpp"
#include "tests/projections/views_directory.hpp"

namespace decklog::projections::engine_test {

using namespace std::chrono_literals;
using random_log::RandomLog;
using test_log::TestLog;
using test_log::ViewsDirectory;

/// Counts events by type, lists their positions, forgets those of revoked tokens: all three ways to
/// write a row. Claims the chat family; a command_noted event is poison to it.
class TallyView final : public View {
  public:
    explicit TallyView(std::uint64_t fingerprint = 1, std::uint32_t logic_version = 1)
        : fingerprint_(fingerprint), logic_version_(logic_version) {}
    [[nodiscard]] std::string_view name() const override { return "tally"; }
    [[nodiscard]] std::uint32_t logic_version() const override { return logic_version_; }
    [[nodiscard]] std::uint64_t fingerprint() const override { return fingerprint_; }
    [[nodiscard]] std::span<const domain::Family> families() const override {
        static constexpr domain::Family kFamilies[] = {domain::Family::chat};
        return kFamilies;
    }
    [[nodiscard]] std::unique_ptr<Fold> begin(const RowReader& rows) const override {
        return std::make_unique<TallyFold>(rows, slow_);
    }
    void print(const RowReader&, const std::function<bool(boost::json::object)>&) const override {}
    void set_slow(std::chrono::milliseconds slow) { slow_ = slow; }

  private:
    class TallyFold final : public Fold {
      public:
        TallyFold(const RowReader& rows, std::chrono::milliseconds slow)
            : rows_(rows), slow_(slow) {}
        [[nodiscard]] std::optional<Parked> apply(const domain::EventView& event) override {
            if (event.is(domain::EventType::command_noted)) return Parked{"notes", "poison"};
            delta_.add(event.type_name(), 1);
            std::string key = "at/";
            put_be64(key, event.position().ordinal);
            if (event.is(domain::EventType::token_revoked)) forget_ = event.position().ordinal;
            places_.push_back(std::move(key));
            return std::nullopt;
        }
        void finish(RowWriter& out) override {
            std::this_thread::sleep_for(slow_);
            out.add_counts("types", delta_.packed());
            std::string end = "at/";
            put_be64(end, forget_);
            rows_.scan("at/", end, [&](std::string_view key, std::string_view) {
                out.erase(key);
                return true;
            });
            for (const auto& place : places_) {
                if (place >= end) out.put(place, "x");
            }
        }

      private:
        const RowReader& rows_;
        std::chrono::milliseconds slow_;
        CountDelta delta_;
        std::uint64_t forget_ = 0;
        std::vector<std::string> places_;
    };

    std::uint64_t fingerprint_;
    std::uint32_t logic_version_;
    std::chrono::milliseconds slow_{0};
};

using Rows = std::map<std::string, std::string, std::less<>>;

Rows all_rows(const RowReader& rows) {
    Rows all;
    rows.scan("", "", [&](std::string_view key, std::string_view value) {
        all.emplace(key, value);
        return true;
    });
    return all;
}

bool reflects(Engine& engine, std::uint64_t ordinal, std::chrono::milliseconds timeout = 10s) {
    std::promise<bool> answer;
    engine.when_reflected({0, ordinal}, timeout, [&](bool reached) { answer.set_value(reached); });
    return answer.get_future().get();
}

bool reflects_all(Engine& engine, const TestLog& log) {
    return reflects(engine, log.head(0).next_ordinal - 1);
}

class EngineTest : public testing::Test {
  protected:
    std::unique_ptr<Engine> open(std::span<const View* const> views) {
        EngineOptions options;
        options.views = views;
        options.batch_events_max = 7;
        options.build = build_;
        auto engine = Engine::open(directory_.path(), log_, options);
        EXPECT_TRUE(engine.has_value()) << engine.error().context;
        return *std::move(engine);
    }
    std::unique_ptr<Engine> open() { return open(tally_only_); }
    void append_random(std::size_t count) { log_.append_each(random_.events(count)); }
    Rows fresh() const { return replay(log_, tally_, {}).value().rows.rows(); }
    static Rows stored(const Engine& engine) { return all_rows(*engine.snapshot("tally")->rows); }

    ViewsDirectory directory_;
    TestLog log_;
    RandomLog random_{1};
    TallyView tally_;
    const View* tally_only_[1] = {&tally_};
    std::string build_ = "test";
};

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
    engine->when_reflected({0, 3}, 10s, [&](bool reached) { later.set_value(reached); });
    append_random(1);
    EXPECT_TRUE(later.get_future().get());
    std::promise<bool> elsewhere;
    engine->when_reflected({1, 0}, 10s, [&](bool reached) { elsewhere.set_value(reached); });
    EXPECT_FALSE(elsewhere.get_future().get());
}

TEST_F(EngineTest, StoppingAnswersEveryWaiter) {
    auto engine = open();
    std::promise<bool> answer;
    engine->when_reflected({0, 99}, 1h, [&](bool reached) { answer.set_value(reached); });
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

TEST_F(EngineTest, RebuildsBesideABusyViewAndFlips) {
    append_random(200);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    auto held = engine->snapshot("tally").value();
    const Rows rows = all_rows(*held.rows);
    std::atomic<bool> enough{false};
    std::thread traffic([&] {
        while (!enough) {
            append_random(3);
            std::this_thread::sleep_for(1ms);
        }
    });
    std::uint64_t last = 0;
    std::uint64_t total = 0;
    const auto rebuilt = engine->rebuild("tally", [&](std::uint64_t folded, std::uint64_t of) {
        EXPECT_GE(folded, last);
        last = folded;
        total = of;
    });
    const std::uint64_t after = engine->snapshot("tally")->next_ordinal;
    enough = true;
    traffic.join();
    ASSERT_TRUE(rebuilt.has_value()) << rebuilt.error().context;
    EXPECT_EQ(last, total);
    EXPECT_GE(after, total);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b2");
    EXPECT_EQ(stored(*engine), fresh());
    EXPECT_EQ(all_rows(*held.rows), rows);
    held.rows.reset();  // it keeps the files open
    engine.reset();
    engine = open();
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b2");
}

TEST_F(EngineTest, ARebuildThatDiffersChangesNothing) {
    // A view that is no pure fold: its rows know how the log was cut.
    struct Impure final : View {
        [[nodiscard]] std::string_view name() const override { return "tally"; }
        [[nodiscard]] std::uint32_t logic_version() const override { return 1; }
        [[nodiscard]] std::uint64_t fingerprint() const override { return 1; }
        [[nodiscard]] std::span<const domain::Family> families() const override { return {}; }
        [[nodiscard]] std::unique_ptr<Fold> begin(const RowReader&) const override {
            struct Counting final : Fold {
                explicit Counting(int number) : number_(number) {}
                [[nodiscard]] std::optional<Parked> apply(const domain::EventView&) override {
                    return std::nullopt;
                }
                void finish(RowWriter& rows) override {
                    rows.put("batches", std::to_string(number_));
                }
                int number_;
            };
            return std::make_unique<Counting>(++batches_);
        }
        void print(const RowReader&,
                   const std::function<bool(boost::json::object)>&) const override {}
        mutable std::atomic<int> batches_{0};
    };
    const Impure impure;
    const View* views[] = {&impure};
    append_random(20);
    auto engine = open(views);
    ASSERT_TRUE(reflects_all(*engine, log_));
    const Rows before = stored(*engine);
    const auto rebuilt = engine->rebuild("tally", {});
    ASSERT_FALSE(rebuilt.has_value());
    EXPECT_NE(rebuilt.error().context.find("tally.v1.b2 differs from tally.v1.b1"),
              std::string::npos)
        << rebuilt.error().context;
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b1");
    EXPECT_FALSE(engine->status().front().rebuilding);
    EXPECT_EQ(stored(*engine), before);
}

TEST_F(EngineTest, StoppingEndsARebuildAndTheNextStartDropsIt) {
    append_random(300);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    tally_.set_slow(5ms);
    std::promise<void> begun;
    std::atomic<bool> told{false};
    auto rebuilt = std::async(std::launch::async, [&] {
        return engine->rebuild("tally", [&](std::uint64_t, std::uint64_t) {
            if (!told.exchange(true)) begun.set_value();
        });
    });
    begun.get_future().wait();
    engine->stop();
    EXPECT_EQ(rebuilt.get().error().code, domain::ErrorCode::stopped);
    engine.reset();
    tally_.set_slow(0ms);
    engine = open();
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b1");
    EXPECT_EQ(stored(*engine), fresh());
    ASSERT_TRUE(engine->rebuild("tally", {}).has_value());
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b2");
}

TEST_F(EngineTest, AStoppedViewCanBeRebuiltToWhereItStands) {
    append_random(30);
    log_.append_as(random_.of(domain::EventType::message_received), 0x0399, 1);
    auto engine = open();
    ASSERT_TRUE(reflects(*engine, 29));
    const auto rebuilt = engine->rebuild("tally", {});
    ASSERT_TRUE(rebuilt.has_value()) << rebuilt.error().context;
    EXPECT_EQ(engine->snapshot("tally")->next_ordinal, 30U);
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
    EXPECT_EQ(engine->rebuild("nothing", {}).error().code, domain::ErrorCode::not_found);
}

}  // namespace decklog::projections::engine_test
