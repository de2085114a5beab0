// The writer against its files: nothing is answered before it is synced, and after a write that
// failed nothing is written.
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <future>

#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace fault_test {

/// What happened to the write-ahead log, and whether its next sync shall fail.
struct Files {
    std::atomic<std::int64_t> unsynced_wal_bytes{0};
    std::atomic<std::int64_t> wal_syncs{0};
    std::atomic<bool> fail_wal_sync{false};
};

class WatchedWal final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    WatchedWal(std::unique_ptr<rocksdb::FSWritableFile> file, Files& files)
        : FSWritableFileOwnerWrapper(std::move(file)), files_(files) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
        files_.unsynced_wal_bytes += static_cast<std::int64_t>(data.size());
        mine_ += static_cast<std::int64_t>(data.size());
        return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&,
                             rocksdb::IODebugContext* debug) override {
        return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
        return synced(FSWritableFileOwnerWrapper::Sync(options, debug));
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
        return synced(FSWritableFileOwnerWrapper::Fsync(options, debug));
    }

  private:
    rocksdb::IOStatus synced(rocksdb::IOStatus status) {
        if (files_.fail_wal_sync) return rocksdb::IOStatus::IOError("the test says no");
        files_.unsynced_wal_bytes -= mine_;
        mine_ = 0;
        ++files_.wal_syncs;
        return status;
    }
    Files& files_;
    std::int64_t mine_ = 0;
};

class WatchedFiles final : public rocksdb::FileSystemWrapper {
  public:
    explicit WatchedFiles(Files& files)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), files_(files) {}
    [[nodiscard]] const char* Name() const override { return "WatchedFiles"; }

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) override {
        rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, result, debug);
        if (status.ok() && name.ends_with(".log"))
            *result = std::make_unique<WatchedWal>(std::move(*result), files_);
        return status;
    }

  private:
    Files& files_;
};

}  // namespace fault_test

namespace rocks = rocks_test;

TEST(RocksFaults, AnswersNothingBeforeItsBytesAreSynced) {
    const rocks::TempDir dir;
    fault_test::Files files;
    const auto env = rocksdb::NewCompositeEnv(std::make_shared<fault_test::WatchedFiles>(files));
    LedgerOptions options;
    options.env = env.get();
    const auto ledger = rocks::open(dir.path(), options);
    const std::int64_t before = files.wal_syncs;
    for (std::uint64_t i = 0; i < 20; ++i) {
        std::promise<std::int64_t> unsynced;
        ledger->submit(
            0, {rocks::keyed(rocks::append("s"), i / 2)},
            [&](const std::vector<Answer>&) { unsynced.set_value(files.unsynced_wal_bytes); });
        EXPECT_EQ(unsynced.get_future().get(), 0);
    }
    EXPECT_GE(files.wal_syncs, before + 10);  // the ten repeats wrote nothing
}

TEST(RocksFaults, StopsWritingForGoodAfterAWriteThatFailed) {
    const rocks::TempDir dir;
    fault_test::Files files;
    const auto env = rocksdb::NewCompositeEnv(std::make_shared<fault_test::WatchedFiles>(files));
    LedgerOptions options;
    options.env = env.get();
    std::uint64_t acknowledged = 0;
    {
        const auto ledger = rocks::open(dir.path(), options);
        rocks::fill(*ledger, 10);
        acknowledged = ledger->head(0).next_ordinal;
        std::size_t told = 0;
        const auto subscription = ledger->on_durable(
            [&told](std::span<const FramePtr> frames) { told += frames.size(); });
        files.fail_wal_sync = true;
        auto answers = submit_and_wait(*ledger, 0, {rocks::append("s"), rocks::append("")});
        for (const Answer& answer : answers)
            EXPECT_EQ(answer.error().kind, Refused::outcome_unknown);
        EXPECT_EQ(answers[0].error().rejection.code, "outcome_unknown");
        files.fail_wal_sync = false;  // the disk is well again, the process does not trust it
        EXPECT_EQ(rocks::submit(*ledger, rocks::append("s")).error().kind,
                  Refused::outcome_unknown);
        EXPECT_EQ(ledger->state(), WriterState::failed);
        EXPECT_EQ(told, 0U);
        EXPECT_EQ(ledger->head(0).next_ordinal, acknowledged);  // reads go on from what is durable
        std::size_t frames = 0;
        EXPECT_TRUE(ledger->read({0, 0}, [&frames](const FramePtr&) { return ++frames > 0; }));
        EXPECT_EQ(frames, acknowledged);
    }
    const auto ledger = rocks::open(dir.path());
    EXPECT_GE(ledger->head(0).next_ordinal, acknowledged);      // all that was acknowledged
    EXPECT_LE(ledger->head(0).next_ordinal, acknowledged + 1);  // and the unknown one at most once
    EXPECT_TRUE(rocks::submit(*ledger, rocks::append("s")).has_value());
    EXPECT_TRUE(verify(*ledger, {}).value().ok());
}

}  // namespace decklog::store
