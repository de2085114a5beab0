// Views under a storage and a log that say no: they are tried again and end as if nothing had been;
// nothing of a failed batch stays; only damage drops the files.
#include <gtest/gtest.h>

#include <functional>

#include "projections/backoff.hpp"
#include "projections/views_database.hpp"
#include "tests/projections/faulty_files.hpp"
#include "tests/projections/tally_view.hpp"

namespace decklog::projections::engine_test {

using test_log::Faults;
using test_log::FaultyEnv;

class StorageTroubleTest : public EngineTest {
  protected:
    StorageTroubleTest() { env_ = files_.env.get(); }
    /// Turns until the view says so.
    static bool comes_to(Engine& engine, const std::function<bool(const ViewStatus&)>& wanted) {
        for (int i = 0; i < 2'000; ++i) {
            if (wanted(engine.status().front())) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    }
    static bool in_trouble(const ViewStatus& status) { return !status.trouble.empty(); }

    FaultyEnv files_;
};

TEST_F(StorageTroubleTest, AFullDiskIsTriedAgainUntilItIsNot) {
    for (int i = 0; i < 30; ++i) log_.append(random_.of(domain::EventType::message_received));
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    files_.faults.no_space = true;
    files_.faults.changes_left = 0;
    log_.append(random_.of(domain::EventType::command_noted));
    append_random(10);
    ASSERT_TRUE(comes_to(*engine, in_trouble));
    const auto during = engine->status().front();
    EXPECT_EQ(during.stopped, "");
    EXPECT_EQ(during.next_ordinal, 30U);
    EXPECT_EQ(during.parked, 0U);  // what the failed batch parked is not kept
    files_.faults.changes_left = Faults::kNever;
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(engine->status().front().trouble, "");
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b1");
    EXPECT_EQ(stored(*engine), fresh());
    const auto parked = engine->snapshot("tally")->parked;
    ASSERT_EQ(parked.size(), 1U);
    EXPECT_EQ(parked.front().events, replay(log_, tally_, {})->parked.front().events);
}

TEST_F(StorageTroubleTest, AfterAWriteErrorTheFilesAreOpenedAgain) {
    append_random(30);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    files_.faults.changes_left = 0;
    append_random(10);
    ASSERT_TRUE(comes_to(*engine, in_trouble));
    files_.faults.changes_left = Faults::kNever;
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b1");
    EXPECT_TRUE(engine->status().front().readable);
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(StorageTroubleTest, OpeningAgainWaitsForThoseWhoRead) {
    append_random(30);
    auto engine = open();
    ASSERT_TRUE(reflects_all(*engine, log_));
    auto held = engine->snapshot("tally").value();
    const Rows rows = all_rows(*held.rows);
    files_.faults.changes_left = 0;
    append_random(10);
    ASSERT_TRUE(comes_to(*engine, [](const ViewStatus& status) { return !status.readable; }));
    EXPECT_TRUE(engine->snapshot("tally").error().retryable);
    EXPECT_TRUE(engine->rebuild("tally", Takeover::equal_bytes, {}).error().retryable);
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b1");
    files_.faults.changes_left = Faults::kNever;
    EXPECT_EQ(all_rows(*held.rows), rows);
    held.rows.reset();
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(StorageTroubleTest, AViewWhoseLogCannotBeReadIsTriedAgain) {
    append_random(30);
    log_.set_unreadable(true);
    auto engine = open();
    ASSERT_TRUE(comes_to(*engine, in_trouble));
    EXPECT_EQ(engine->status().front().trouble.rfind("log: ", 0), 0U);
    log_.set_unreadable(false);
    ASSERT_TRUE(reflects_all(*engine, log_));
    EXPECT_EQ(engine->status().front().trouble, "");
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(StorageTroubleTest, ARowThatReadsAsDamageIsFoldedAgainWhileTheEngineRuns) {
    append_random(300);
    ASSERT_TRUE(reflects_all(*open(), log_));
    {
        auto database = ViewsDatabase::open(
            directory_.path(), "build test\nledger " + domain::to_hex(log_.ledger_id().bytes));
        const FamilyPtr family = database->find("tally.v1.b1");
        ASSERT_NE(family, nullptr);
        rocksdb::WriteBatch batch;
        ASSERT_TRUE(batch.Put(family->handle(), "types", "no packed counts").ok());
        ASSERT_TRUE(database->write(batch).has_value());
    }
    auto engine = open();
    append_random(1);  // counts that can be added to no row
    ASSERT_TRUE(reflects_all(*engine, log_));
    // Whoever reads the row first finds it; here it is a question.
    auto asked = engine->snapshot("tally").value();
    const std::uint64_t failures = engine->read_failures();
    all_rows(*asked.rows);
    EXPECT_NE(engine->read_failures(), failures);
    asked.rows.reset();
    EXPECT_FALSE(engine->snapshot("tally").has_value());
    ASSERT_TRUE(comes_to(*engine, [](const ViewStatus& status) {
        return status.readable && status.trouble.empty() && status.lag_events == 0;
    }));
    EXPECT_EQ(stored(*engine), fresh());
}

TEST_F(StorageTroubleTest, TooManyOpenFilesIsNoDamage) {
    append_random(30);
    ASSERT_TRUE(reflects_all(*open(), log_));
    EngineOptions options;
    options.views = tally_only_;
    options.build = build_;
    options.env = env_;
    files_.faults.no_opens = true;
    const auto refused = Engine::open(directory_.path(), log_, options);
    ASSERT_FALSE(refused.has_value());
    EXPECT_TRUE(refused.error().retryable) << refused.error().context;
    files_.faults.no_opens = false;
    auto engine = open();
    EXPECT_EQ(engine->status().front().next_ordinal, 30U);  // not from the start
    EXPECT_EQ(engine->status().front().instance, "tally.v1.b1");
}

TEST(BlamesFiles, SaysWhatIsDamageAndWhatPasses) {
    using rocksdb::Status;
    EXPECT_TRUE(blames_files(Status::Corruption("block checksum mismatch")));
    EXPECT_TRUE(blames_files(Status::PathNotFound("000012.sst")));
    EXPECT_FALSE(blames_files(Status::IOError("000012.sst", "Too many open files")));
    EXPECT_FALSE(blames_files(Status::IOError("lock views/LOCK", "Resource unavailable")));
    EXPECT_FALSE(blames_files(Status::NoSpace("full")));
    EXPECT_FALSE(blames_files(Status::Busy()));
    EXPECT_TRUE(blames_files(Status::InvalidArgument("unknown comparator")));
    EXPECT_FALSE(blames_files(
        Status::InvalidArgument("Found options incompatible", "IO error: Too many open files")));
}

TEST(RetryLater, EachTimeTwiceAsLateUpToABound) {
    using std::chrono::milliseconds;
    const auto now = Backoff::Clock::time_point(std::chrono::hours(1));
    Backoff backoff;
    EXPECT_FALSE(backoff.waits(now));
    backoff.failed(now);
    EXPECT_EQ(backoff.not_before(), now + limits::kRetryFirst);
    backoff.failed(now);
    EXPECT_EQ(backoff.not_before(), now + 2 * limits::kRetryFirst);
    for (int i = 0; i < 40; ++i) backoff.failed(now);
    EXPECT_EQ(backoff.not_before(), now + limits::kRetryMax);
    backoff.worked();
    EXPECT_FALSE(backoff.waits(now));
}

}  // namespace decklog::projections::engine_test
