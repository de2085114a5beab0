#include "store/rows/rocks_memory.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kCacheBytes = 192U << 20U;
constexpr std::size_t kWriteBufferBytes = 96U << 20U;
constexpr int kShardBits = 4;  // a shard of the cache has room for many of the largest blocks

}  // namespace

std::shared_ptr<rocksdb::Cache> shared_block_cache() {
    static const std::shared_ptr<rocksdb::Cache> cache =
        rocksdb::NewLRUCache(kCacheBytes, kShardBits);
    return cache;
}

std::shared_ptr<rocksdb::WriteBufferManager> shared_write_buffers() {
    static const auto buffers = std::make_shared<rocksdb::WriteBufferManager>(
        kWriteBufferBytes, shared_block_cache(), false);
    return buffers;
}

}  // namespace decklog::store
