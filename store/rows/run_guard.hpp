// Guards compaction against a fault of RocksDB before 8.6 (facebook/rocksdb#11782): whoever goes
// through a sorted run of level 1 or deeper and cannot read the beginning of one of its files,
// other than the first, is told that the run ends there, and that all is well. A compaction then
// drops what follows, for ever. So each file is tried before it is compacted; one that does not
// read ends background work. Scans say ignore_range_deletions, which keeps them from it, or, where
// ranges are deleted, ask `check_runs`.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <functional>

#include "domain/result.hpp"

namespace decklog::store {

class RunGuard final : public rocksdb::EventListener {
  public:
    /// Told once background work has ended: the database takes no more writes, and is to be opened
    /// again. On one of RocksDB's threads.
    using Told = std::function<void(const rocksdb::Status&)>;
    /// `options`: of the database's families, for reading their files.
    RunGuard(rocksdb::Options options, Told told)
        : options_(std::move(options)), told_(std::move(told)) {}
    // Called by RocksDB, without its locks.
    void OnCompactionBegin(rocksdb::DB* db, const rocksdb::CompactionJobInfo& info) override;

  private:
    const rocksdb::Options options_;
    const Told told_;
};

/// Of a family's files in level 1 and deeper, the first whose beginning does not read. Errors:
/// corrupt, io.
[[nodiscard]] domain::Result<void> check_runs(rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family);

}  // namespace decklog::store
