// Getting deleted bytes off the disk. RocksDB keeps what was deleted in older files until a
// compaction reaches the bottommost level, in its write-ahead log until every family has flushed,
// and both for as long as a snapshot or a copy in progress needs them. A purge forces the flush and
// the compaction, and waits until the files are gone.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"

namespace decklog::store {

/// For what was deleted durably before it is made. Any thread, beside writers; one use.
class RocksPurge {
  public:
    /// `what` names the database in errors. `cancelled` may be null; setting it ends the work with
    /// `stopped`.
    RocksPurge(rocksdb::DB& db, std::string what, std::atomic<bool>* cancelled);

    [[nodiscard]] domain::Result<void> flush(
        const std::vector<rocksdb::ColumnFamilyHandle*>& families);
    /// Rewrites the files that hold keys from `begin` to `end` (inclusive); both empty: all.
    [[nodiscard]] domain::Result<void> compact(rocksdb::ColumnFamilyHandle* family,
                                               std::string_view begin, std::string_view end);
    /// Until no file is left that was there at the beginning and is no longer part of the database.
    [[nodiscard]] domain::Result<void> wait_for_files();

  private:
    [[nodiscard]] domain::Result<void> wait_for_snapshots();
    [[nodiscard]] domain::Result<bool> files_are_gone();
    [[nodiscard]] domain::Result<void> pause(std::string_view for_what);

    rocksdb::DB& db_;
    const std::string what_;
    std::atomic<bool>* const cancelled_;
    const rocksdb::SequenceNumber deleted_at_;
    std::vector<std::string> logs_before_, tables_before_;
    bool snapshots_gone_ = false;
    int pauses_left_;
};

}  // namespace decklog::store
