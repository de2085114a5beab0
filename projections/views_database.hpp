// The database `views/`: one column family per view instance, and `meta`: which instance is live,
// which one was before it and is kept, how far each is folded, which keys are parked. Unsynced
// writes with the WAL on: after a crash every instance is some earlier, whole state of itself,
// since rows, position and chain head stand in one batch. Disposable. Any thread reads and writes;
// families are created and dropped by one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "projections/folding.hpp"
#include "store/rows/run_guard.hpp"

namespace decklog::projections {

/// A column family and the database it is in; usable until the last copy is gone, even after it was
/// dropped.
class RowFamily {
  public:
    RowFamily(std::shared_ptr<rocksdb::DB> db, rocksdb::ColumnFamilyHandle* handle)
        : db_(std::move(db)), handle_(handle) {}
    ~RowFamily();
    RowFamily(const RowFamily&) = delete;
    RowFamily& operator=(const RowFamily&) = delete;
    [[nodiscard]] rocksdb::DB& db() const { return *db_; }
    [[nodiscard]] rocksdb::ColumnFamilyHandle* handle() const { return handle_; }

  private:
    std::shared_ptr<rocksdb::DB> db_;
    rocksdb::ColumnFamilyHandle* handle_;
};
using FamilyPtr = std::shared_ptr<RowFamily>;

/// Where an instance stands.
struct InstanceRecord {
    std::uint64_t next_ordinal = 0;
    std::int64_t recorded_at_us = 0;  // of the last folded frame
    domain::Bytes32 chain{};          // chain head before next_ordinal
    std::uint64_t fingerprint = 0;    // of the view that folds it
    bool operator==(const InstanceRecord&) const = default;
};

/// The build that was live before a flip, frozen since.
struct KeptBuild {
    std::string instance;
    std::int64_t since_us = 0;  // wall clock of the flip
    bool operator==(const KeptBuild&) const = default;
};

/// What a status says against the files: they are to blame (damage), or the machine is (a lock, a
/// full disk, too many open files), and then they may be fine.
[[nodiscard]] bool blames_files(const rocksdb::Status& status);

/// One consistent state of the whole database.
class DatabaseSnapshot {
  public:
    explicit DatabaseSnapshot(std::shared_ptr<rocksdb::DB> db)
        : db_(std::move(db)), snapshot_(db_->GetSnapshot()) {}
    ~DatabaseSnapshot() { db_->ReleaseSnapshot(snapshot_); }
    DatabaseSnapshot(const DatabaseSnapshot&) = delete;
    DatabaseSnapshot& operator=(const DatabaseSnapshot&) = delete;
    [[nodiscard]] const rocksdb::Snapshot* get() const { return snapshot_; }

  private:
    std::shared_ptr<rocksdb::DB> db_;
    const rocksdb::Snapshot* snapshot_;
};
using SnapshotPtr = std::shared_ptr<const DatabaseSnapshot>;

class ViewsDatabase {
  public:
    /// Opens or creates it for `owner` (build and ledger). What another owner or format left, and
    /// what is damaged, is dropped, with one log line. Error: io, retryable when the files are not
    /// to blame. `damage`: what is known against the files already; not empty drops them.
    /// `unreadable`: told when a compaction comes upon damage; compaction has ended then.
    [[nodiscard]] static domain::Result<ViewsDatabase> open(
        const std::filesystem::path& dir, std::string_view owner, rocksdb::Env* env = nullptr,
        const std::string& damage = {}, const store::RunGuard::Told& unreadable = {});

    [[nodiscard]] domain::Result<FamilyPtr> create(const std::string& instance);
    [[nodiscard]] FamilyPtr find(const std::string& instance) const;  // null: none
    [[nodiscard]] std::vector<std::string> instances() const;
    /// The family and all that `meta` says of it.
    domain::Result<void> drop(const std::string& instance);

    [[nodiscard]] domain::Result<std::optional<std::string>> live(std::string_view view) const;
    /// What was live in the files that `open` dropped because another build wrote them.
    [[nodiscard]] std::optional<std::string> live_before(std::string_view view) const;
    [[nodiscard]] domain::Result<std::optional<KeptBuild>> kept(std::string_view view) const;
    [[nodiscard]] domain::Result<std::optional<InstanceRecord>> record(
        std::string_view instance, const SnapshotPtr& at = {}) const;
    [[nodiscard]] domain::Result<ParkedKeys> parked(std::string_view instance,
                                                    const SnapshotPtr& at = {}) const;
    [[nodiscard]] SnapshotPtr snapshot() const;

    void put_live(rocksdb::WriteBatch& batch, std::string_view view,
                  std::string_view instance) const;
    void put_kept(rocksdb::WriteBatch& batch, std::string_view view, const KeptBuild& kept) const;
    void erase_kept(rocksdb::WriteBatch& batch, std::string_view view) const;
    void put_record(rocksdb::WriteBatch& batch, std::string_view instance,
                    const InstanceRecord& record) const;
    void put_parked(rocksdb::WriteBatch& batch, std::string_view instance, std::string_view key,
                    const ParkedAt& at) const;
    domain::Result<void> write(rocksdb::WriteBatch& batch) const;
    /// After a failed write: writing again. Error: io; only opening the files again helps.
    domain::Result<void> resume() const;
    /// Expires when nobody reads any more; only then may the files be opened again.
    [[nodiscard]] std::weak_ptr<rocksdb::DB> files() const { return db_; }

  private:
    [[nodiscard]] static domain::Result<ViewsDatabase> try_open(
        const std::filesystem::path& dir, rocksdb::Env* env,
        const store::RunGuard::Told& unreadable);
    [[nodiscard]] std::map<std::string, std::string, std::less<>> all_live() const;
    [[nodiscard]] domain::Result<std::optional<std::string>> get(std::string_view key,
                                                                 const SnapshotPtr& at) const;

    std::shared_ptr<rocksdb::DB> db_;
    FamilyPtr meta_;
    std::map<std::string, FamilyPtr> families_;
    std::map<std::string, std::string, std::less<>> live_before_;
};

}  // namespace decklog::projections
