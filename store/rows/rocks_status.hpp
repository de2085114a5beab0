// The one place where a RocksDB status becomes an error of ours, and is asked what it says of the
// files.
#pragma once

#include <rocksdb/status.h>

#include <filesystem>
#include <string>

#include "domain/result.hpp"

namespace decklog::store {

/// `status` must not be ok. `what` says what was being done ("open vault/"); RocksDB's own words
/// follow it.
[[nodiscard]] domain::Error rocks_error(const rocksdb::Status& status, const std::string& what);

/// The same for opening: our options are always the same, so an "invalid argument" there is what
/// the files say (another comparator, families that are missing), which is damage, or a newer
/// release's families, which is another format; unless its words are the machine's (too many open
/// files). Names the file that does not read: RocksDB leaves a write-ahead log's name to its own
/// LOG in `directory`.
[[nodiscard]] domain::Error rocks_open_error(const rocksdb::Status& status, const std::string& what,
                                             const std::filesystem::path& directory);

/// A lock, a full disk, too many open files, missing rights: no reason to call the files damaged.
[[nodiscard]] bool says_nothing_of_the_files(const rocksdb::Status& status);

}  // namespace decklog::store
