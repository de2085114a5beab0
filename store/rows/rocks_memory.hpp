// The memory that all databases of a process share: one block cache with the write buffers counted
// into it, so that their sum is bounded whatever each of them does. Thread-safe.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/write_buffer_manager.h>

#include <memory>

namespace decklog::store {

/// 192 MB, least recently used goes first.
[[nodiscard]] std::shared_ptr<rocksdb::Cache> shared_block_cache();
/// 96 MB inside the cache. Over it the largest buffers are flushed; writers are never stalled by
/// it.
[[nodiscard]] std::shared_ptr<rocksdb::WriteBufferManager> shared_write_buffers();

}  // namespace decklog::store
