// Rebuilds beside the live build: equal bytes or an operator's word, the flip, the way back, and
// crashes at every write of it.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/projections/faulty_files.hpp"
#include "tests/projections/tally_view.hpp"

namespace decklog::projections::engine_test {

using namespace std::chrono_literals;

class RebuildTest : public EngineTest {
  protected:
    static constexpr std::int64_t kHourUs = 3'600'000'000;
    static Rebuilt rebuilt(Engine& engine, Takeover takeover) {
        auto built = engine.rebuild("tally", takeover, {});
        EXPECT_TRUE(built.has_value()) << built.error().context;
        return built ? *std::move(built) : Rebuilt();
    }
    static std::string live(const Engine& engine) { return engine.status().front().instance; }
    static std::string kept(const Engine& engine) { return engine.status().front().kept; }
    Rows fresh_of(const View& view) const { return replay(log_, view, {}).value().rows.rows(); }

    const TallyView other_logic_{7, 2};
    const View* both_[2] = {&tally_, &other_logic_};
};

TEST_F(RebuildTest, RebuildsBesideABusyViewAndFlips) {
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
    std::atomic<bool> went_back{false};
    std::thread reader([&] {
        std::uint64_t last = 0;
        while (!enough) {
            const std::uint64_t next = engine->snapshot("tally")->next_ordinal;
            if (next < last) went_back = true;
            last = next;
        }
    });
    std::uint64_t last = 0;
    const auto there = engine->rebuild("tally", Takeover::equal_bytes,
                                       [&](std::uint64_t folded, std::uint64_t of) {
                                           EXPECT_GE(folded, last);
                                           EXPECT_LE(folded, of);
                                           last = folded;
                                           return true;
                                       });
    const auto back = engine->rebuild("tally", Takeover::back, {});
    enough = true;
    traffic.join();
    reader.join();
    ASSERT_TRUE(there.has_value()) << there.error().context;
    EXPECT_TRUE(there->flipped);
    EXPECT_EQ(there->rows_that_differ, 0U);
    EXPECT_GE(last, there->compared_at);
    ASSERT_TRUE(back.has_value()) << back.error().context;
    EXPECT_FALSE(went_back);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(live(*engine), "tally.v1.b1");
    EXPECT_EQ(kept(*engine), "tally.v1.b2");
    EXPECT_EQ(stored(*engine), fresh());
    EXPECT_EQ(all_rows(*held.rows), rows);
    held.rows.reset();  // it keeps the files open
    engine.reset();
    engine = open();
    EXPECT_EQ(live(*engine), "tally.v1.b1");
    EXPECT_EQ(kept(*engine), "tally.v1.b2");
}

/// A view that is no pure fold: its rows know how the log was cut.
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
            void finish(RowWriter& rows) override { rows.put("batches", std::to_string(number_)); }
            int number_;
        };
        return std::make_unique<Counting>(++batches_);
    }
    void print(const RowReader&, std::uint32_t,
               const std::function<bool(boost::json::object)>&) const override {}
    mutable std::atomic<int> batches_{0};
};

TEST_F(RebuildTest, ARebuildThatDiffersNeedsAnOperatorsWord) {
    const Impure impure;
    const View* views[] = {&impure};
    append_random(20);
    auto engine = open(views);
    ASSERT_TRUE(reflects_all(*engine, log_));
    const Rows before = stored(*engine);
    const Rebuilt refused = rebuilt(*engine, Takeover::equal_bytes);
    EXPECT_FALSE(refused.flipped);
    EXPECT_EQ(refused.before, "tally.v1.b1");
    EXPECT_EQ(refused.rows_that_differ, 1U);
    ASSERT_EQ(refused.first_differences.size(), 1U);
    EXPECT_EQ(refused.first_differences.front().key, "batches");
    EXPECT_EQ(refused.first_differences.front().before_bytes, before.at("batches"));
    EXPECT_NE(refused.first_differences.front().after_bytes, before.at("batches"));
    EXPECT_EQ(live(*engine), "tally.v1.b1");
    EXPECT_EQ(kept(*engine), "");
    EXPECT_FALSE(engine->status().front().rebuilding);
    EXPECT_EQ(stored(*engine), before);
    EXPECT_TRUE(rebuilt(*engine, Takeover::accepted).flipped);
    EXPECT_EQ(kept(*engine), "tally.v1.b1");
    EXPECT_NE(stored(*engine), before);
}

TEST_F(RebuildTest, NewLogicShowsWhatDiffersAndTakesOverWhenAccepted) {
    append_random(60);
    auto engine = open(both_);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(live(*engine), "tally.v1.b1");
    const Rebuilt refused = rebuilt(*engine, Takeover::equal_bytes);
    EXPECT_FALSE(refused.flipped);
    EXPECT_EQ(refused.after, "tally.v2.b1");
    ASSERT_EQ(refused.first_differences.size(), 1U);
    const auto& types = refused.first_differences.front();
    EXPECT_EQ(types.key, "types");
    ASSERT_FALSE(types.before.empty());
    EXPECT_LE(types.before.size(), limits::kPrintedLinesMax);
    EXPECT_EQ(types.after.front().at("type"), types.before.front().at("type"));
    EXPECT_EQ(types.after.front().at("count").as_int64(),
              2 * types.before.front().at("count").as_int64());
    EXPECT_EQ(live(*engine), "tally.v1.b1");
    EXPECT_EQ(engine->logic("tally"), &tally_);

    EXPECT_TRUE(rebuilt(*engine, Takeover::accepted).flipped);
    EXPECT_EQ(live(*engine), "tally.v2.b1");
    EXPECT_EQ(engine->logic("tally"), &other_logic_);
    EXPECT_EQ(engine->snapshot("tally")->logic, &other_logic_);
    append_random(10);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(stored(*engine), fresh_of(other_logic_));
    // Now it is the same logic, and equal bytes are enough.
    EXPECT_TRUE(rebuilt(*engine, Takeover::equal_bytes).flipped);
    EXPECT_EQ(live(*engine), "tally.v2.b2");
}

TEST_F(RebuildTest, AcceptedLogicStaysThroughRestartsAndOtherBuildsOfTheProgram) {
    append_random(30);
    {
        auto engine = open(both_);
        ASSERT_TRUE(reflects_all(*engine, log_));
        ASSERT_TRUE(rebuilt(*engine, Takeover::accepted).flipped);
    }
    EXPECT_EQ(live(*open(both_)), "tally.v2.b1");
    build_ = "another";
    auto engine = open(both_);
    EXPECT_EQ(live(*engine), "tally.v2.b1");
    EXPECT_EQ(kept(*engine), "");  // of another build of the program: dropped with the rest
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(stored(*engine), fresh_of(other_logic_));
    engine.reset();
    engine = open();  // a program without it begins with what it has
    EXPECT_EQ(live(*engine), "tally.v1.b1");
}

TEST_F(RebuildTest, GoingBackCatchesUpFirst) {
    append_random(40);
    auto engine = open(both_);
    ASSERT_TRUE(reflects_all(*engine, log_));
    ASSERT_TRUE(rebuilt(*engine, Takeover::accepted).flipped);
    append_random(40);
    ASSERT_TRUE(reflects_all(*engine, log_));
    const Rebuilt back = rebuilt(*engine, Takeover::back);
    EXPECT_TRUE(back.flipped);
    EXPECT_EQ(back.before, "tally.v2.b1");
    EXPECT_EQ(back.after, "tally.v1.b1");
    EXPECT_EQ(engine->snapshot("tally")->next_ordinal, 80U);
    EXPECT_EQ(stored(*engine), fresh());
    EXPECT_EQ(kept(*engine), "tally.v2.b1");
    append_random(5);
    engine.reset();
    engine = open(both_);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(live(*engine), "tally.v1.b1");
    EXPECT_TRUE(rebuilt(*engine, Takeover::back).flipped);  // and forth, after a restart
    EXPECT_EQ(stored(*engine), fresh_of(other_logic_));
}

TEST_F(RebuildTest, WhatWasLiveIsKeptForADay) {
    append_random(20);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(engine->rebuild("tally", Takeover::back, {}).error().code,
              domain::ErrorCode::not_found);
    ASSERT_TRUE(rebuilt(*engine, Takeover::equal_bytes).flipped);
    EXPECT_EQ(engine->status().front().kept_until_us, clock_.now + 24 * kHourUs);
    // A wall clock that jumps does not end the day of a program that runs.
    clock_.now += 1000 * kHourUs;
    clock_.boot += 23 * kHourUs;
    append_random(1);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(kept(*engine), "tally.v1.b1");
    clock_.boot += kHourUs;
    append_random(1);
    ASSERT_TRUE(reflects_all(*engine, log_));
    for (int i = 0; i < 2'000 && !kept(*engine).empty(); ++i) std::this_thread::sleep_for(5ms);
    EXPECT_EQ(kept(*engine), "");
    EXPECT_EQ(engine->rebuild("tally", Takeover::back, {}).error().code,
              domain::ErrorCode::not_found);
}

TEST_F(RebuildTest, TheDayGoesOnWhileTheProgramIsDown) {
    append_random(20);
    {
        auto engine = open();
        ASSERT_TRUE(reflects_all(*engine, log_));
        ASSERT_TRUE(rebuilt(*engine, Takeover::equal_bytes).flipped);
    }
    clock_.now += 23 * kHourUs;
    clock_.boot = 5;  // the machine was started again
    EXPECT_EQ(kept(*open()), "tally.v1.b1");
    clock_.now += kHourUs;
    EXPECT_EQ(kept(*open()), "");
    EXPECT_EQ(kept(*open()), "");
}

TEST_F(RebuildTest, OnlyTheNewestOfThoseThatWereLiveIsKept) {
    append_random(20);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    ASSERT_TRUE(rebuilt(*engine, Takeover::equal_bytes).flipped);
    ASSERT_TRUE(rebuilt(*engine, Takeover::equal_bytes).flipped);
    EXPECT_EQ(live(*engine), "tally.v1.b3");
    EXPECT_EQ(kept(*engine), "tally.v1.b2");
}

TEST_F(RebuildTest, StoppingEndsARebuildAndTheNextStartDropsIt) {
    append_random(300);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    tally_.set_slow(5ms);
    std::promise<void> begun;
    std::atomic<bool> told{false};
    auto building = std::async(std::launch::async, [&] {
        return engine->rebuild("tally", Takeover::equal_bytes, [&](std::uint64_t, std::uint64_t) {
            if (!told.exchange(true)) begun.set_value();
            return true;
        });
    });
    begun.get_future().wait();
    engine->stop();
    EXPECT_EQ(building.get().error().code, domain::ErrorCode::stopped);
    engine.reset();
    tally_.set_slow(0ms);
    engine = open();
    EXPECT_EQ(live(*engine), "tally.v1.b1");
    EXPECT_EQ(stored(*engine), fresh());
    ASSERT_TRUE(rebuilt(*engine, Takeover::equal_bytes).flipped);
    EXPECT_EQ(live(*engine), "tally.v1.b2");
}

TEST_F(RebuildTest, ARebuildThatNobodyWaitsForEnds) {
    append_random(300);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    int asked = 0;
    const auto built = engine->rebuild("tally", Takeover::equal_bytes,
                                       [&](std::uint64_t, std::uint64_t) { return ++asked < 3; });
    ASSERT_FALSE(built.has_value());
    EXPECT_TRUE(built.error().retryable);
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(live(*engine), "tally.v1.b1");
    EXPECT_TRUE(rebuilt(*engine, Takeover::equal_bytes).flipped);
    EXPECT_EQ(live(*engine), "tally.v1.b2");  // the one that ended left nothing

    int seen = 0;
    const auto replayed = replay(log_, tally_, {}, 10, [&](std::uint64_t next, std::uint64_t of) {
        EXPECT_EQ(of, 300U);
        EXPECT_EQ(next % 10, 0U);
        return ++seen < 4;
    });
    EXPECT_TRUE(replayed.error().retryable);
    EXPECT_EQ(seen, 4);
}

TEST_F(RebuildTest, AStoppedViewCanBeRebuiltToWhereItStands) {
    append_random(30);
    log_.append_as(random_.of(domain::EventType::message_received), 0x0399, 1);
    auto engine = open();
    ASSERT_TRUE(reflects(*engine, 29));
    EXPECT_TRUE(rebuilt(*engine, Takeover::equal_bytes).flipped);
    EXPECT_EQ(engine->snapshot("tally")->next_ordinal, 30U);
}

TEST_F(RebuildTest, AParkedKeyThatFoldsNowLeavesTheList) {
    append_random(30);
    log_.append(random_.of(domain::EventType::command_noted));
    log_.append(random_.of(domain::EventType::command_noted));
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    const auto parked = engine->snapshot("tally")->parked;
    ASSERT_EQ(parked.size(), 1U);
    EXPECT_GE(parked.front().events, 2U);
    const Rebuilt in_vain = rebuilt(*engine, Takeover::unparked);
    EXPECT_FALSE(in_vain.flipped);
    EXPECT_TRUE(in_vain.folds_now.empty() && in_vain.newly_parked.empty());
    EXPECT_EQ(live(*engine), "tally.v1.b1");

    tally_.set_folds_notes(true);
    const Rebuilt now = rebuilt(*engine, Takeover::unparked);
    EXPECT_TRUE(now.flipped);
    ASSERT_EQ(now.folds_now.size(), 1U);
    EXPECT_EQ(now.folds_now.front().key, "notes");
    EXPECT_EQ(now.folds_now.front().events, parked.front().events);
    EXPECT_TRUE(engine->snapshot("tally")->parked.empty());
    EXPECT_EQ(stored(*engine), fresh());
    // Parked keys are rows of the version that parked them.
    EXPECT_TRUE(rebuilt(*engine, Takeover::back).flipped);
    EXPECT_EQ(engine->snapshot("tally")->parked.size(), 1U);
}

TEST_F(RebuildTest, RetryingRefusesARebuildThatParksOtherKeys) {
    tally_.set_folds_notes(true);
    append_random(30);
    log_.append(random_.of(domain::EventType::command_noted));
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    tally_.set_folds_notes(false);
    const Rebuilt refused = rebuilt(*engine, Takeover::unparked);
    EXPECT_FALSE(refused.flipped);
    EXPECT_EQ(refused.newly_parked.size(), 1U);
    EXPECT_FALSE(rebuilt(*engine, Takeover::equal_bytes).flipped);
    EXPECT_EQ(live(*engine), "tally.v1.b1");
}

/// The files after a crash at the n-th change of one: whole, some build live, equal to a replay.
TEST_F(RebuildTest, ACrashAnywhereInAFlipLeavesAWholeView) {
    append_random(25);
    test_log::FaultyEnv files;
    env_ = files.env.get();
    std::size_t crashed = 0;
    int done_in_a_row = 0;
    for (std::int64_t n = 0; n < 400 && done_in_a_row < 4; ++n) {
        auto engine = open(both_);
        ASSERT_TRUE(reflects_all(*engine, log_));
        // By turns a new build, and back to what is kept.
        const Takeover takeover =
            n % 2 == 1 && !kept(*engine).empty() ? Takeover::back : Takeover::accepted;
        files.faults.changes_left = n / 2;
        auto building =
            std::async(std::launch::async, [&] { return engine->rebuild("tally", takeover, {}); });
        while (building.wait_for(5ms) != std::future_status::ready &&
               files.faults.changes_left != 0) {
        }
        engine->stop();
        building.wait();
        engine.reset();
        const bool done = files.faults.refused == 0;
        if (!done) ++crashed;
        files.faults.changes_left = test_log::Faults::kNever;
        files.faults.refused = 0;
        engine = open(both_);
        ASSERT_TRUE(reflects_all(*engine, log_)) << "crash at change " << n / 2;
        const View* logic = engine->logic("tally");
        ASSERT_EQ(stored(*engine), fresh_of(*logic)) << "crash at change " << n / 2;
        ASSERT_LE(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 60);
        done_in_a_row = done ? done_in_a_row + 1 : 0;
    }
    EXPECT_GT(crashed, 5U);
}

}  // namespace decklog::projections::engine_test
