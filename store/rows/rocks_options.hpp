// How ledger/ is opened. Every setting here was chosen against a trap of RocksDB 7.8; the .cpp says
// which.
#pragma once

#include <rocksdb/options.h>

#include "store/rows/rows.hpp"

namespace decklog::store {

/// `env` null: the operating system's.
[[nodiscard]] rocksdb::DBOptions ledger_db_options(rocksdb::Env* env);
[[nodiscard]] rocksdb::ColumnFamilyOptions ledger_family_options(RowFamily family);
/// The one way anything is written: synced.
[[nodiscard]] rocksdb::WriteOptions durable_write();

inline constexpr std::size_t kWriteProtectionBytes = 8;

/// Bytes that all keys of one stream share (partition, hash); its family's prefix.
inline constexpr std::size_t kStreamPrefixBytes = 20;

}  // namespace decklog::store
