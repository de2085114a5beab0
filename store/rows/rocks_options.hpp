// How ledger/ is opened. Every setting here was chosen against a trap of RocksDB 7.8; the .cpp says
// which.
#pragma once

#include <rocksdb/options.h>

#include "store/rows/rows.hpp"

namespace decklog::store {

/// `env` null: the operating system's.
[[nodiscard]] rocksdb::DBOptions ledger_db_options(rocksdb::Env* env);
[[nodiscard]] rocksdb::ColumnFamilyOptions ledger_family_options(RowFamily family);
/// The one way anything is written: synced. Only rows that are a cache of a log elsewhere differ.
[[nodiscard]] rocksdb::WriteOptions durable_write();

inline constexpr std::size_t kWriteProtectionBytes = 8;

/// Families whose keys are random: a hash of 16 bytes behind the partition. Their memtables are
/// hash tables over that prefix, so that a write finds its place without a search.
[[nodiscard]] constexpr bool is_hashed(RowFamily family) {
    return family == RowFamily::command || family == RowFamily::stream ||
           family == RowFamily::conversation || family == RowFamily::correlation;
}
inline constexpr std::size_t kHashedPrefixBytes = 20;

}  // namespace decklog::store
