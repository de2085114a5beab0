// The RocksDB ledger across restarts: what is kept, what is refused at the door, what the clock may
// do meanwhile.
#include "store/rocks_ledger.hpp"

#include <rocksdb/db.h>

#include <fstream>
#include <thread>

#include "store/directory/directory.hpp"
#include "store/rows/rocks_rows.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace rocks = rocks_test;

TEST(RocksLedger, OfSeveralPartitionsSaysInFormatWhoMayOpenIt) {
    const rocks::TempDir several, one;
    const auto format_of = [](const rocks::TempDir& dir) {
        std::ifstream file(dir.path() / "FORMAT");
        return std::string{std::istreambuf_iterator<char>(file), {}};
    };
    for (const rocks::TempDir* dir : {&several, &one}) {
        const auto lock = Directory::open(dir->path(), std::chrono::milliseconds(0)).value();
        LedgerOptions options;
        options.partitions = dir == &several ? 2 : 1;
        rocks::open(dir->path(), options)->stop();
        options.partitions = 2;  // of a ledger that is made now
        rocks::open(dir->path(), options)->stop();
    }
    EXPECT_EQ(format_of(several), "format 1\noldest_release 0.2.0\n");
    EXPECT_EQ(format_of(one), "format 1\noldest_release 0.1.0\n");
}

TEST(RocksLedger, KeepsEverythingAcrossAReopen) {
    const rocks::TempDir dir;
    const auto raw = std::make_shared<RawBody>();
    raw->ref.day = 30'000;
    raw->sealed = {1, 2, 3};
    Answer first;
    Head head;
    domain::LedgerId id;
    {
        const auto ledger = rocks::open(dir.path());
        id = ledger->ledger_id();
        Submission submission = rocks::keyed(rocks::append("s"), 1);
        submission.raw = raw;
        first = rocks::submit(*ledger, submission);
        rocks::fill(*ledger, 50);
        head = ledger->head(0);
    }
    const auto ledger = rocks::open(dir.path());
    EXPECT_EQ(ledger->ledger_id(), id);
    EXPECT_EQ(ledger->head(0).next_ordinal, head.next_ordinal);
    EXPECT_EQ(ledger->head(0).chain, head.chain);
    EXPECT_EQ(ledger->head(0).recorded_at_us, head.recorded_at_us);
    EXPECT_EQ(ledger->stream_version({"default", "s"}).value(), 1U);
    EXPECT_EQ(ledger->raw_body(raw->ref).value(), raw->sealed);
    const Answer repeat = rocks::submit(*ledger, rocks::keyed(rocks::append("s"), 1));
    EXPECT_EQ(repeat->outcome, Outcome::repeated);
    EXPECT_EQ(repeat->event_ids, first->event_ids);
    EXPECT_EQ(rocks::submit(*ledger, rocks::append("s"))->first.ordinal, head.next_ordinal);
    EXPECT_EQ(ledger->stream_version({"default", "s"}).value(), 2U);
    EXPECT_TRUE(verify(*ledger, {}).value().ok());
}

TEST(RocksLedger, DeletesNoOldRawBodiesWhileReadOnly) {
    const rocks::TempDir dir;
    const auto raw = std::make_shared<RawBody>();
    raw->ref.day = 1;  // long over
    raw->sealed = {1, 2, 3};
    LedgerOptions options;
    options.raw_days = 0;  // keeps all
    {
        Submission submission = rocks::append("s");
        submission.raw = raw;
        ASSERT_TRUE(rocks::submit(*rocks::open(dir.path(), options), submission).has_value());
    }
    options.raw_days = 30;
    options.read_only = true;
    const auto ledger = rocks::open(dir.path(), options);
    const Answer refused = rocks::submit(*ledger, rocks::append("s"));  // the writer had its turn
    EXPECT_EQ(refused.error().kind, Refused::read_only);
    EXPECT_EQ(ledger->raw_body(raw->ref).value(), raw->sealed);
}

TEST(RocksLedger, RefusesAFamilyOfANewerReleaseByName) {
    const rocks::TempDir dir;
    rocks::open(dir.path()).reset();
    rocks::with_database(dir.path(), [](rocksdb::DB& db, const auto&) {
        rocksdb::ColumnFamilyHandle* family = nullptr;
        ASSERT_TRUE(db.CreateColumnFamily({}, "signatures", &family).ok());
        ASSERT_TRUE(db.DestroyColumnFamilyHandle(family).ok());
    });
    const domain::Error error = rocks::open_error(dir.path());
    EXPECT_EQ(error.code, domain::ErrorCode::other_format);
    EXPECT_NE(error.context.find("signatures"), std::string::npos) << error.context;
    // Nor to read, where RocksDB itself would not mind.
    const auto to_read = RocksRows::open_to_read(dir.path() / "ledger");
    ASSERT_FALSE(to_read.has_value());
    EXPECT_EQ(to_read.error().code, domain::ErrorCode::other_format);
    EXPECT_NE(to_read.error().context.find("signatures"), std::string::npos);
}

TEST(RocksLedger, TakesNoDirectoryWithoutItsCatalogueForANewOne) {
    const rocks::TempDir dir;
    rocks::open(dir.path()).reset();
    std::filesystem::remove(dir.path() / "ledger" / "CURRENT");
    std::filesystem::remove(dir.path() / "HEAD");
    const auto files = [&dir] {
        std::vector<std::filesystem::path> all;
        for (const auto& entry : std::filesystem::directory_iterator(dir.path() / "ledger")) {
            all.push_back(entry.path().filename());
        }
        std::sort(all.begin(), all.end());
        return all;
    };
    const auto before = files();
    EXPECT_EQ(rocks::open_error(dir.path()).code, domain::ErrorCode::corrupt);
    EXPECT_EQ(files(), before);
}

TEST(RocksLedger, CatchesALogThatWasCutAtARecordBoundaryByItsHead) {
    const rocks::TempDir dir;
    std::filesystem::path wal;
    std::uintmax_t three_commits_ago = 0;
    {
        const auto ledger = rocks::open(dir.path());
        rocks::fill(*ledger, 5);
        for (const auto& entry : std::filesystem::directory_iterator(dir.path() / "ledger")) {
            if (entry.path().extension() == ".log") wal = std::max(wal, entry.path());
        }
        three_commits_ago = std::filesystem::file_size(wal);
        for (int i = 0; i < 3; ++i)
            ASSERT_TRUE(rocks::submit(*ledger, rocks::append("s")).has_value());
        ASSERT_EQ(ledger->head(0).next_ordinal, 9U);
    }
    ASSERT_GT(std::filesystem::file_size(wal), three_commits_ago);
    std::filesystem::resize_file(wal, three_commits_ago);
    const domain::Error error = rocks::open_error(dir.path());
    EXPECT_EQ(error.code, domain::ErrorCode::corrupt);
    EXPECT_NE(error.context.find("ends at 0:5 but HEAD has seen 0:8"), std::string::npos)
        << error.context;
    // The cut itself is clean: only HEAD knows.
    std::filesystem::remove(dir.path() / "HEAD");
    EXPECT_EQ(rocks::open(dir.path())->head(0).next_ordinal, 6U);
}

TEST(RocksLedger, ReadsHeadAsAHintThatMayBeOldTornOrAbsentButNotOfAnotherLog) {
    const rocks::TempDir dir;
    const std::filesystem::path head_file = dir.path() / "HEAD";
    std::optional<HeadFile> old;
    {
        const auto ledger = rocks::open(dir.path());
        rocks::fill(*ledger, 3);
        old = read_head(head_file).value();
        ASSERT_TRUE(old.has_value());
        EXPECT_EQ(old->last.ordinal, 3U);
        EXPECT_EQ(old->chain, ledger->head(0).chain);
        rocks::fill(*ledger, 3);
    }
    const auto rewrite = [&head_file](const HeadFile& head) {
        std::FILE* file = std::fopen(head_file.c_str(), "r+");
        ASSERT_NE(file, nullptr);
        EXPECT_TRUE(write_head(fileno(file), head).has_value());
        std::fclose(file);
    };
    rewrite(*old);
    EXPECT_EQ(rocks::open(dir.path())->head(0).next_ordinal,
              7U);  // old: a power cut may leave it behind
    EXPECT_EQ(read_head(head_file).value()->last.ordinal, 6U);  // and it is brought up to date
    std::filesystem::resize_file(head_file, 20);
    EXPECT_EQ(rocks::open(dir.path())->head(0).next_ordinal, 7U);
    std::filesystem::remove(head_file);
    EXPECT_EQ(rocks::open(dir.path())->head(0).next_ordinal, 7U);
    HeadFile other = *old;
    other.chain[0] ^= 1U;
    rewrite(other);
    EXPECT_EQ(rocks::open_error(dir.path()).code, domain::ErrorCode::corrupt);
    std::filesystem::remove_all(dir.path() / "ledger");
    rewrite(*old);
    EXPECT_EQ(rocks::open_error(dir.path()).code,
              domain::ErrorCode::corrupt);  // a lost log is no new one
}

TEST(RocksLedger, RefusesToWriteWhenTheClockIsFarBehindAtStartUntilItIsAccepted) {
    constexpr std::int64_t kSecond = 1'000'000;
    const rocks::TempDir dir;
    rocks::SteppedClock clock;
    LedgerOptions options;
    options.clock = &clock;
    const Answer first =
        rocks::submit(*rocks::open(dir.path(), options), rocks::keyed(rocks::append("s"), 1));
    clock.step(-59 * kSecond);
    {
        const auto ledger = rocks::open(dir.path(), options);
        EXPECT_EQ(rocks::submit(*ledger, rocks::append("s"))->recorded_at_us,
                  first->recorded_at_us + 1);
        EXPECT_GE(ledger->clock_behind_us(), 59 * kSecond);
        EXPECT_EQ(ledger->state(), WriterState::ready);
    }
    clock.step(-3600 * kSecond);
    {
        const auto ledger = rocks::open(dir.path(), options);
        EXPECT_EQ(ledger->state(), WriterState::clock_refused);
        EXPECT_EQ(rocks::submit(*ledger, rocks::append("s")).error().kind, Refused::clock_refused);
        EXPECT_EQ(rocks::submit(*ledger, rocks::keyed(rocks::append("s"), 1))->first, first->first);
        EXPECT_EQ(ledger->head(0).next_ordinal, 3U);
    }
    options.accept_clock = true;
    options.read_only = true;  // nothing can be recorded, and the start does not ask for it
    EXPECT_EQ(rocks::open(dir.path(), options)->head(0).next_ordinal, 3U);
    options.read_only = false;
    const auto ledger = rocks::open(dir.path(), options);
    EXPECT_EQ(ledger->state(), WriterState::ready);
    const FramePtr accepted = ledger->frame_at({0, 3}).value();
    EXPECT_TRUE(accepted->event(0).is(domain::EventType::clock_accepted));
    EXPECT_GE(accepted->event(0).payload_as<fb::ClockAccepted>()->behind_us(), 3600 * kSecond);
    EXPECT_EQ(accepted->event(0).stream(), "ledger/0");
    EXPECT_TRUE(rocks::submit(*ledger, rocks::append("s")).has_value());
}

TEST(RocksLedger, KeepsNewRawBodiesWhenTheClockWasSetFarBack) {
    constexpr std::int64_t kDay = 86'400'000'000;
    const rocks::TempDir dir;
    rocks::SteppedClock clock;
    LedgerOptions options;
    options.clock = &clock;
    options.accept_clock = true;
    options.raw_days = 30;
    rocks::open(dir.path(), options).reset();
    clock.step(-40 * kDay);
    const auto raw = std::make_shared<RawBody>();
    raw->ref.day = static_cast<std::uint32_t>(clock.now_us() / kDay);
    raw->sealed = {1, 2, 3};
    Submission submission = rocks::append("s");
    submission.raw = raw;
    ASSERT_TRUE(rocks::submit(*rocks::open(dir.path(), options), submission).has_value());
    const auto ledger = rocks::open(dir.path(), options);  // its writer looks for old bodies first
    ASSERT_TRUE(rocks::submit(*ledger, rocks::append("s")).has_value());
    EXPECT_EQ(ledger->raw_body(raw->ref).value(), raw->sealed);
}

TEST(RocksLedger, RecordsNoAcceptedClockWhenThereWasNothingToAccept) {
    const rocks::TempDir dir;
    LedgerOptions options;
    options.accept_clock = true;
    rocks::open(dir.path(), options).reset();
    EXPECT_EQ(rocks::open(dir.path(), options)->head(0).next_ordinal, 1U);
}

}  // namespace decklog::store
