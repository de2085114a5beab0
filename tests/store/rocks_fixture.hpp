// What the tests of the RocksDB ledger stand on: a directory of their own, short words for
// submissions, and a child process to be killed or to die on damage.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "domain/fact.hpp"
#include "store/clock.hpp"
#include "store/frame/frame.hpp"
#include "store/rocks_ledger.hpp"
#include "store/verify/verify.hpp"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
}  // namespace rocksdb

namespace decklog::store::rocks_test {

/// A directory of a test's own, in memory where there is plenty: these tests kill processes, not
/// power, and a few dozen opens of a database cost seconds of fsync.
class TempDir {
  public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

class SteppedClock final : public Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const override { return wall_; }
    [[nodiscard]] std::int64_t boot_us() const override { return boot_; }
    void step(std::int64_t us) { wall_ += us; }

  private:
    std::atomic<std::int64_t> wall_{1'800'000'000'000'000};
    std::atomic<std::int64_t> boot_{1'000'000'000};
};

/// Fails the test when it does not open.
[[nodiscard]] std::unique_ptr<Ledger> open(const std::filesystem::path& root,
                                           const LedgerOptions& options = {});
/// The error of an open that must fail.
[[nodiscard]] domain::Error open_error(const std::filesystem::path& root,
                                       const LedgerOptions& options = {});

[[nodiscard]] domain::NewEvent event(const std::string& stream, const std::string& payload = "x");
[[nodiscard]] Submission append(const std::string& stream, const std::string& payload = "x");
[[nodiscard]] Submission keyed(Submission submission, std::uint64_t number);
[[nodiscard]] domain::CommandKey key_of(std::uint64_t number);
Answer submit(Ledger& ledger, Submission submission);
/// Commits that leave rows in every index family.
void fill(Ledger& ledger, std::size_t commits);

/// The database under `root`, opened raw behind the ledger's back, for one change.
void with_database(
    const std::filesystem::path& root,
    const std::function<void(rocksdb::DB&, const std::vector<rocksdb::ColumnFamilyHandle*>&)>&
        change);

/// Runs `test` (a disabled one) of this binary in a process of its own, with `root` in
/// DECKLOG_TEST_ROOT.
class ChildProcess {
  public:
    ChildProcess(const std::string& test, const std::filesystem::path& root,
                 const std::string& argument);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// What it wrote to its report so far, waiting for at least one byte or its end.
    [[nodiscard]] std::string read_some();
    [[nodiscard]] std::string read_all();
    void kill();
    /// waitpid's status; kills nothing.
    int wait();

  private:
    pid_t pid_ = -1;
    int report_ = -1;
};

/// Inside a child: its directory, its argument, and where its report goes.
[[nodiscard]] std::filesystem::path child_root();
[[nodiscard]] std::string child_argument();
void report(const std::string& line);

}  // namespace decklog::store::rocks_test
