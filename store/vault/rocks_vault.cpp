// `vault/`: the vault's rows in a RocksDB of their own. Every write is synced before it is
// answered; RocksDB lets writers that meet share one fsync. After a failed write nothing is written
// any more in this process: RocksDB may report itself resumed while writes keep failing, and a key
// that is not on disk must not seal anything.
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <atomic>
#include <filesystem>

#include "store/directory/private_files.hpp"
#include "store/rocks_ledger.hpp"
#include "store/rows/rocks_status.hpp"
#include "store/vault/keyed_vault.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kWriteBufferBytes = 4U << 20U;
constexpr std::size_t kBlockCacheBytes = 8U << 20U;
constexpr std::uint64_t kWalBytesMax = 16U << 20U;
constexpr std::size_t kInfoLogBytesMax = 1U << 20U;

rocksdb::Options vault_options() {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    rocksdb::Options options;
    options.create_if_missing = true;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.compression = rocksdb::kNoCompression;  // random ids and keys
    options.write_buffer_size = kWriteBufferBytes;
    options.max_total_wal_size = kWalBytesMax;
    options.paranoid_checks = true;
    options.track_and_verify_wals_in_manifest = true;
    // The default drops everything after the first bad record and opens clean; here a dropped key
    // would read as erased. This one accepts a record cut off at the very end, which nobody was
    // answered for, and refuses the rest.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    options.max_log_file_size = kInfoLogBytesMax;
    options.keep_log_file_num = 2;
    return options;
}

class RocksRows final : public VaultRows {
  public:
    explicit RocksRows(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}

    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        std::string_view key) const override {
        std::string value;
        const auto status =
            db_->Get(rocksdb::ReadOptions(), rocksdb::Slice(key.data(), key.size()), &value);
        if (status.IsNotFound()) return std::nullopt;
        if (!status.ok()) return tl::unexpected(rocks_error(status, "read vault/"));
        return value;
    }

    [[nodiscard]] domain::Result<void> put(std::span<const VaultRow> rows) override {
        if (failed_.load()) {
            return domain::fail(domain::ErrorCode::io,
                                "vault/ takes no more writes after an earlier failure; restart");
        }
        rocksdb::WriteBatch batch(0, 0, kProtectionBytes, 0);
        rocksdb::Status status;
        for (const VaultRow& row : rows) {
            if (status.ok()) status = batch.Put(row.key, row.value);
        }
        rocksdb::WriteOptions options;
        options.sync = true;
        if (status.ok()) status = db_->Write(options, &batch);
        if (status.ok()) return {};
        failed_.store(true);
        return tl::unexpected(rocks_error(status, "write vault/"));
    }

  private:
    static constexpr std::size_t kProtectionBytes = 8;  // per key, against flips in memory

    std::unique_ptr<rocksdb::DB> db_;
    std::atomic<bool> failed_ = false;
};

domain::Result<std::unique_ptr<VaultRows>> open_rows(const std::filesystem::path& directory) {
    make_new_files_private();
    if (const auto made = create_private_directory(directory); !made) {
        return tl::unexpected(made.error());
    }
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::Open(vault_options(), directory.string(), &opened);
    if (!status.ok()) return tl::unexpected(rocks_error(status, "open vault/"));
    return std::make_unique<RocksRows>(std::unique_ptr<rocksdb::DB>(opened));
}

bool is_there(const std::filesystem::path& directory) {
    std::error_code error;
    return std::filesystem::exists(directory / "CURRENT", error);
}

}  // namespace

domain::Result<std::unique_ptr<Vault>> open_rocks_vault(const std::filesystem::path& root,
                                                        bool ledger_exists, Random* random) {
    Random& source = random != nullptr ? *random : system_random();
    const std::filesystem::path directory = root / "vault";
    if (ledger_exists && !is_there(directory)) return make_missing_vault(source);
    auto rows = open_rows(directory);
    if (!rows) return tl::unexpected(rows.error());
    return make_vault(std::move(*rows), source,
                      ledger_exists ? NoMaster::refuse : NoMaster::create);
}

}  // namespace decklog::store
