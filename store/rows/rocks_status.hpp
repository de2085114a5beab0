// The one place where a RocksDB status becomes an error of ours.
#pragma once

#include <rocksdb/status.h>

#include <string>

#include "domain/result.hpp"

namespace decklog::store {

/// `status` must not be ok. `what` says what was being done ("open vault/"); RocksDB's own words
/// follow it.
[[nodiscard]] domain::Error rocks_error(const rocksdb::Status& status, const std::string& what);

}  // namespace decklog::store
