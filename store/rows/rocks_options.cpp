#include "store/rows/rocks_options.hpp"

#include <rocksdb/filter_policy.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "store/limits.hpp"
#include "store/rows/rocks_memory.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kWriteBufferBytes = 8U << 20U;
constexpr std::uint64_t kWalBytesMax = 48U << 20U;
constexpr int kBloomBitsPerKey = 10;
constexpr std::size_t kHashBuckets = 50'000;  // about as many as a write buffer has rows
constexpr std::uint64_t kSoftPendingCompactionBytes = 512ULL << 30U;
constexpr std::uint64_t kHardPendingCompactionBytes = 2ULL << 40U;

void bloom_for_lookups(rocksdb::BlockBasedTableOptions& table, RowFamily family) {
    if (family != RowFamily::command && family != RowFamily::stream) return;
    // Most lookups are for what is new: a key never seen, a stream not begun.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey, false));
    // In parts of a few kilobytes. A whole filter of a large file has megabytes, finds no room in a
    // shard of the cache, and would be read from the file again by every lookup.
    table.partition_filters = true;
    table.whole_key_filtering = family == RowFamily::command;
}

/// Bytes that neighbouring writes share before what grows: a skiplist finds the place of the next
/// one beside the last one of the same prefix.
std::size_t growing_prefix_bytes(RowFamily family) {
    switch (family) {
        case RowFamily::log:
        case RowFamily::time:
            return 4;  // partition
        case RowFamily::type:
            return 8;  // partition, type
        case RowFamily::action:
            return kHashedPrefixBytes;
        case RowFamily::stream:
        case RowFamily::command:
        case RowFamily::conversation:
        case RowFamily::correlation:
        case RowFamily::raw:  // RocksDB 7.8 takes no hints where ranges are deleted
        case RowFamily::meta:
            break;
    }
    return 0;
}

void choose_memtable(rocksdb::ColumnFamilyOptions& options, RowFamily family) {
    if (is_hashed(family)) {
        // Traps: iterators over one of these say total_order_seek, or stay under one prefix and
        // only go forwards; and no key may be shorter than the prefix.
        options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kHashedPrefixBytes));
        options.memtable_factory.reset(rocksdb::NewHashLinkListRepFactory(kHashBuckets));
    } else if (const std::size_t bytes = growing_prefix_bytes(family); bytes > 0) {
        options.memtable_insert_with_hint_prefix_extractor.reset(
            rocksdb::NewFixedPrefixTransform(bytes));
    }
}

}  // namespace

rocksdb::DBOptions ledger_db_options(rocksdb::Env* env) {
    rocksdb::DBOptions options;
    if (env != nullptr) options.env = env;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.paranoid_checks = true;
    // The default, point in time, opens a log with a flipped byte clean and without everything
    // behind it.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    // Safe only because nobody calls SyncWAL: on 7.8 that leaves a false "missing WAL" behind.
    options.track_and_verify_wals_in_manifest = true;
    // Together with small buffers: reopen after kill -9 in about a second, where larger ones took
    // twelve.
    options.max_total_wal_size = kWalBytesMax;
    options.write_buffer_manager = shared_write_buffers();
    // Fail-stop: RocksDB's own resume reports success while writes go on failing.
    options.max_bgerror_resume_count = 0;
    // Hash memtables know only one writer at a time; there is only one.
    options.allow_concurrent_memtable_write = false;
    options.max_background_jobs = 2;
    options.compaction_readahead_size = limits::kScanReadaheadBytes;
    options.skip_stats_update_on_db_open = true;
    options.db_host_id.clear();  // a backup need not say where it was made
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    return options;
}

rocksdb::ColumnFamilyOptions ledger_family_options(RowFamily family) {
    rocksdb::ColumnFamilyOptions options;
    options.write_buffer_size = kWriteBufferBytes;
    options.max_write_buffer_number = 4;
    // Raw bodies are compressed and sealed already.
    options.compression =
        family == RowFamily::raw ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
    // Index families may lag in compaction; they must never hold up an append. The queue in front
    // of the writer is where pressure is felt.
    options.soft_pending_compaction_bytes_limit = kSoftPendingCompactionBytes;
    options.hard_pending_compaction_bytes_limit = kHardPendingCompactionBytes;
    options.level0_slowdown_writes_trigger = 40;
    options.level0_stop_writes_trigger = 80;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = shared_block_cache();
    table.cache_index_and_filter_blocks = true;  // else they grow with the log, outside every bound
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.format_version = 5;
    if (family == RowFamily::log) table.block_size = 16U << 10U;
    bloom_for_lookups(table, family);
    choose_memtable(options, family);
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

rocksdb::WriteOptions durable_write() {
    rocksdb::WriteOptions options;
    options.sync = true;
    options.protection_bytes_per_key = kWriteProtectionBytes;
    return options;
}

}  // namespace decklog::store
