// The writer against its files: nothing is answered before it is synced, after a write that failed
// nothing is written, and whatever fails wherever, the next start finds what was answered.
#include <rocksdb/env.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>

#include "tests/store/fault_voyage.hpp"

namespace decklog::store {
namespace fault_test {

using faulty::Ending;
using faulty::Failure;
using faulty::Fault;
using faulty::FaultyFiles;
using faulty::Leg;
using faulty::Operation;
using faulty::Voyage;

class RocksFaults : public testing::Test {
  protected:
    RocksFaults() {
        std::filesystem::create_directories(root_);
        files_ = std::make_shared<FaultyFiles>(root_, dir_.path() / "shadow");
        env_ = rocksdb::NewCompositeEnv(files_);
    }
    [[nodiscard]] LedgerOptions faulty() const {
        LedgerOptions options;
        options.env = env_.get();
        return options;
    }

    rocks_test::TempDir dir_;
    std::filesystem::path root_ = dir_.path() / "data";
    std::shared_ptr<FaultyFiles> files_;
    std::unique_ptr<rocksdb::Env> env_;
};

std::uint32_t seed_of_this_run() {
    const char* given = std::getenv("DECKLOG_SEED");
    return given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))
                            : std::random_device{}();
}

std::chrono::seconds time_of_this_run() {
    if (std::getenv("DECKLOG_SOAK") == nullptr) return std::chrono::seconds(4);
    const char* given = std::getenv("DECKLOG_SOAK_SECONDS");
    return std::chrono::seconds(given != nullptr ? std::strtol(given, nullptr, 10) : 60);
}

/// One voyage of a few legs; the seed decides all of it.
void sail(std::uint32_t seed, std::size_t& acknowledged, std::size_t& refused,
          std::size_t& failed) {
    SCOPED_TRACE("repeat with DECKLOG_SEED=" + std::to_string(seed));
    Voyage voyage(seed);
    for (int i = 0; i < 6 && !testing::Test::HasFailure(); ++i) {
        const Leg leg = voyage.any_leg();
        SCOPED_TRACE("leg " + std::to_string(i) + ": " + faulty::to_text(leg));
        voyage.sail(leg);
        if (i % 2 == 1 || i == 4) voyage.check();
    }
    acknowledged += voyage.acknowledged();
    refused += voyage.refused_starts();
    failed += voyage.failed_legs();
}

}  // namespace fault_test

namespace rocks = rocks_test;
using fault_test::RocksFaults;

TEST_F(RocksFaults, AnswersNothingBeforeItsBytesAreSynced) {
    const auto ledger = rocks::open(root_, faulty());
    const std::uint64_t before = files_->wal_syncs();
    for (std::uint64_t i = 0; i < 20; ++i) {
        std::promise<std::uint64_t> unsynced;
        ledger->submit(
            0, {rocks::keyed(rocks::append("s"), i / 2)},
            [&](const std::vector<Answer>&) { unsynced.set_value(files_->unsynced_wal_bytes()); });
        EXPECT_EQ(unsynced.get_future().get(), 0U);
    }
    EXPECT_GE(files_->wal_syncs(), before + 10);  // the ten repeats wrote nothing
}

/// Three calls in one turn whose write fails: the first commits, and the others could be answered
/// without writing, but only because of the first.
TEST_F(RocksFaults, ARepeatAndARefusalWaitForTheCommitThatTheyWereDecidedOn) {
    const auto ledger = rocks::open(root_, faulty());
    std::promise<void> held, let_go;
    ledger->submit(0, {}, [&](const std::vector<Answer>&) {
        held.set_value();
        let_go.get_future().wait();
    });
    held.get_future().wait();
    files_->arm({fault_test::Operation::sync, 0, fault_test::Failure::eio, false, ".log"});
    const Submission first = rocks::keyed(rocks::append("s"), 1);
    Submission refused = rocks::append("s");
    refused.expected = {ExpectedVersion::Kind::none, 0, {"default", "s"}};
    std::promise<Answer> answers[3];
    const Submission submissions[] = {first, first, refused};
    for (std::size_t i = 0; i < std::size(answers); ++i) {
        ledger->submit(0, {submissions[i]}, [&answers, i](std::vector<Answer> given) {
            answers[i].set_value(std::move(given.at(0)));
        });
    }
    EXPECT_EQ(ledger->queue_depth(), std::size(answers));  // one turn for all
    let_go.set_value();
    for (auto& given : answers) {
        const Answer answer = given.get_future().get();
        ASSERT_FALSE(answer.has_value());
        EXPECT_EQ(answer.error().kind, Refused::outcome_unknown);
    }
}

TEST_F(RocksFaults, StopsWritingForGoodAfterAWriteThatFailed) {
    std::uint64_t acknowledged = 0;
    {
        const auto ledger = rocks::open(root_, faulty());
        rocks::fill(*ledger, 10);
        acknowledged = ledger->head(0).next_ordinal;
        std::size_t told = 0;
        const auto subscription = ledger->on_durable(
            [&told](std::span<const FramePtr> frames) { told += frames.size(); });
        EXPECT_FALSE(ledger->failure().has_value());
        files_->arm({fault_test::Operation::sync, 0, fault_test::Failure::eio, false, ".log"});
        auto answers = submit_and_wait(*ledger, 0, {rocks::append("s"), rocks::append("")});
        for (const Answer& answer : answers)
            EXPECT_EQ(answer.error().kind, Refused::outcome_unknown);
        EXPECT_EQ(answers[0].error().rejection.code, "outcome_unknown");
        // The disk is well again, the process does not trust it.
        EXPECT_EQ(rocks::submit(*ledger, rocks::append("s")).error().kind,
                  Refused::outcome_unknown);
        // Nor what it could say without writing: it was decided on what may not be there.
        EXPECT_EQ(rocks::submit(*ledger, rocks::append("")).error().kind, Refused::outcome_unknown);
        EXPECT_EQ(ledger->state(), WriterState::failed);
        EXPECT_FALSE(ledger->failure()->disk_full);
        EXPECT_NE(ledger->failure()->text.find("ledger/"), std::string::npos);
        EXPECT_EQ(told, 0U);
        EXPECT_EQ(ledger->head(0).next_ordinal, acknowledged);  // reads go on from what is durable
        std::size_t frames = 0;
        EXPECT_TRUE(ledger->read({0, 0}, [&frames](const FramePtr&) { return ++frames > 0; }));
        EXPECT_EQ(frames, acknowledged);
    }
    const auto ledger = rocks::open(root_);
    EXPECT_GE(ledger->head(0).next_ordinal, acknowledged);      // all that was acknowledged
    EXPECT_LE(ledger->head(0).next_ordinal, acknowledged + 1);  // and the unknown one at most once
    EXPECT_TRUE(rocks::submit(*ledger, rocks::append("s")).has_value());
    EXPECT_TRUE(verify(*ledger, {}).value().ok());
}

TEST_F(RocksFaults, SaysThatTheDiskIsFull) {
    const auto ledger = rocks::open(root_, faulty());
    files_->arm({fault_test::Operation::write, 0, fault_test::Failure::enospc, false, ".log"});
    const Answer answer = rocks::submit(*ledger, rocks::append("s"));
    EXPECT_EQ(answer.error().kind, Refused::outcome_unknown);
    EXPECT_NE(answer.error().rejection.message.find("disk is full"), std::string::npos);
    EXPECT_TRUE(ledger->failure()->disk_full);
    // Room again changes nothing for this process.
    EXPECT_EQ(rocks::submit(*ledger, rocks::append("s")).error().kind, Refused::outcome_unknown);
}

/// RocksDB would mend itself and go on; what its tables lost while nobody wrote must stop us.
TEST_F(RocksFaults, StopsWhenAFlushBehindItsBackFails) {
    const auto ledger = rocks::open(root_, faulty());
    files_->arm({fault_test::Operation::sync, 0, fault_test::Failure::enospc, true, ".sst"});
    std::size_t refused = 0;
    for (int i = 0; i < 400 && refused == 0; ++i) {
        const Answer answer = rocks::submit(*ledger, rocks::append("s", std::string(400'000, 'p')));
        if (!answer) ++refused;
    }
    EXPECT_EQ(refused, 1U);
    EXPECT_EQ(ledger->state(), WriterState::failed);
    EXPECT_NE(ledger->failure()->text.find("background work of ledger/"), std::string::npos)
        << ledger->failure()->text;
}

TEST_F(RocksFaults, AReadThatFailsAtTheStartIsNotCalledDamage) {
    { rocks::fill(*rocks::open(root_), 200); }
    { rocks::fill(*rocks::open(root_), 200); }
    files_->adopt();
    for (std::uint64_t after = 0; after < 40; after += 3) {
        files_->arm({fault_test::Operation::read, after, fault_test::Failure::eio, true, ".sst"});
        const auto ledger = open_rocks_ledger(root_, faulty());
        files_->heal();
        if (ledger) continue;
        EXPECT_EQ(ledger.error().code, domain::ErrorCode::io) << ledger.error().context;
        EXPECT_EQ(ledger.error().context.find("HEAD"), std::string::npos) << ledger.error().context;
    }
    EXPECT_TRUE(open_rocks_ledger(root_, faulty()).has_value());
}

TEST(FaultVoyage, KeepsWhatItAcknowledgedWhateverFails) {
    const std::uint32_t seed = fault_test::seed_of_this_run();
    const auto until = std::chrono::steady_clock::now() + fault_test::time_of_this_run();
    std::size_t acknowledged = 0, refused = 0, failed = 0;
    std::uint32_t voyages = 0;
    do {
        fault_test::sail(seed + voyages, acknowledged, refused, failed);
        ++voyages;
    } while (!HasFailure() && std::chrono::steady_clock::now() < until);
    std::printf(
        "[ voyages  ] %u from seed %u: %zu acknowledged, %zu failures while working, "
        "%zu starts refused\n",
        voyages, seed, acknowledged, failed, refused);
    EXPECT_GT(acknowledged, 0U);
}

TEST(FaultVoyage, LosesNothingSyncedWhenThePowerGoes) {
    fault_test::Voyage voyage(7);
    for (int i = 0; i < 4; ++i) {
        fault_test::Leg leg;
        leg.ending =
            i % 2 == 0 ? fault_test::Ending::power_loss : fault_test::Ending::torn_power_loss;
        leg.payload_bytes = i < 2 ? 100 : 300'000;
        voyage.sail(leg);
        voyage.check();
    }
    EXPECT_GT(voyage.acknowledged(), 100U);
    EXPECT_EQ(voyage.refused_starts(), 0U);
}

/// A test of the test: with a write that is not synced the oracle must find the loss.
TEST(FaultyFilesItself, ForgetsWhatWasNotSynced) {
    const rocks::TempDir dir;
    const std::filesystem::path root = dir.path() / "data";
    std::filesystem::create_directories(root / "sub");
    fault_test::FaultyFiles files(root, dir.path() / "shadow");
    const std::string name = (root / "sub" / "file").string();
    std::unique_ptr<rocksdb::FSDirectory> directory;
    ASSERT_TRUE(files.NewDirectory((root / "sub").string(), {}, &directory, nullptr).ok());
    std::mt19937 random(1);
    for (const bool sync_entry : {false, true}) {
        std::unique_ptr<rocksdb::FSWritableFile> file;
        ASSERT_TRUE(files.NewWritableFile(name, {}, &file, nullptr).ok());
        ASSERT_TRUE(file->Append("durable", {}, nullptr).ok());
        ASSERT_TRUE(file->Sync({}, nullptr).ok());
        if (sync_entry) {
            ASSERT_TRUE(directory->Fsync({}, nullptr).ok());
        }
        ASSERT_TRUE(file->Append(" lost", {}, nullptr).ok());
        ASSERT_TRUE(file->Close({}, nullptr).ok());
        files.lose_power(random, false);
        EXPECT_EQ(std::filesystem::exists(name), sync_entry);
    }
    EXPECT_EQ(std::filesystem::file_size(name), 7U);
    ASSERT_TRUE(files.RenameFile(name, name + "2", {}, nullptr).ok());
    files.lose_power(random, false);
    EXPECT_TRUE(std::filesystem::exists(name));
    ASSERT_TRUE(files.DeleteFile(name, {}, nullptr).ok());
    files.lose_power(random, false);
    EXPECT_TRUE(std::filesystem::exists(name));
}

}  // namespace decklog::store
