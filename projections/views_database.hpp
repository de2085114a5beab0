// The database `views/`: one column family per view instance, and `meta`: which instance is live,
// how far each is folded, which keys are parked. Unsynced writes with the WAL on: after a crash
// every instance is some earlier, whole state of itself, since rows, position and chain head stand
// in one batch. Disposable. Any thread reads and writes; families are
// created and dropped by one thread at a time.
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
    /// what does not open, is dropped, with one log line. Error: io, retryable when the files are
    /// not to blame.
    [[nodiscard]] static domain::Result<ViewsDatabase> open(const std::filesystem::path& dir,
                                                            std::string_view owner);

    [[nodiscard]] domain::Result<FamilyPtr> create(const std::string& instance);
    [[nodiscard]] FamilyPtr find(const std::string& instance) const;  // null: none
    [[nodiscard]] std::vector<std::string> instances() const;
    /// The family and all that `meta` says of it.
    domain::Result<void> drop(const std::string& instance);

    [[nodiscard]] domain::Result<std::optional<std::string>> live(std::string_view view) const;
    [[nodiscard]] domain::Result<std::optional<InstanceRecord>> record(
        std::string_view instance, const SnapshotPtr& at = {}) const;
    [[nodiscard]] domain::Result<ParkedKeys> parked(std::string_view instance,
                                                    const SnapshotPtr& at = {}) const;
    [[nodiscard]] SnapshotPtr snapshot() const;

    void put_live(rocksdb::WriteBatch& batch, std::string_view view,
                  std::string_view instance) const;
    void put_record(rocksdb::WriteBatch& batch, std::string_view instance,
                    const InstanceRecord& record) const;
    void put_parked(rocksdb::WriteBatch& batch, std::string_view instance, std::string_view key,
                    const ParkedAt& at) const;
    domain::Result<void> write(rocksdb::WriteBatch& batch) const;

  private:
    [[nodiscard]] static domain::Result<ViewsDatabase> try_open(const std::filesystem::path& dir);
    [[nodiscard]] domain::Result<std::optional<std::string>> get(std::string_view key,
                                                                 const SnapshotPtr& at) const;

    std::shared_ptr<rocksdb::DB> db_;
    FamilyPtr meta_;
    std::map<std::string, FamilyPtr> families_;
};

}  // namespace decklog::projections
