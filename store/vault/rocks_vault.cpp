// `vault/`: the vault's rows in a RocksDB of their own. Every write is synced before it is
// answered; RocksDB lets writers that meet share one fsync. After a failed write nothing is written
// any more in this process: RocksDB may report itself resumed while writes keep failing, and a key
// that is not on disk must not seal anything.
#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <filesystem>
#include <mutex>

#include "store/directory/head_file.hpp"
#include "store/directory/private_files.hpp"
#include "store/log.hpp"
#include "store/rocks_ledger.hpp"
#include "store/rows/manifest_note.hpp"
#include "store/rows/rocks_diary.hpp"
#include "store/rows/rocks_failure.hpp"
#include "store/rows/rocks_memory.hpp"
#include "store/rows/rocks_purge.hpp"
#include "store/rows/rocks_status.hpp"
#include "store/rows/run_guard.hpp"
#include "store/vault/keyed_vault.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kWriteBufferBytes = 4U << 20U;
constexpr std::uint64_t kWalBytesMax = 16U << 20U;

rocksdb::Options vault_options(rocksdb::Env* env) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = shared_block_cache();
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    rocksdb::Options options;
    if (env != nullptr) options.env = env;
    options.create_if_missing = true;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.compression = rocksdb::kNoCompression;  // random ids and keys
    options.write_buffer_size = kWriteBufferBytes;
    options.write_buffer_manager = shared_write_buffers();
    options.max_total_wal_size = kWalBytesMax;
    options.db_host_id.clear();  // a copy need not say where it was made
    options.paranoid_checks = true;
    options.track_and_verify_wals_in_manifest = true;
    // The default drops everything after the first bad record and opens clean; here a dropped key
    // would read as erased. This one accepts a record cut off at the very end, which nobody was
    // answered for, and refuses the rest.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options.max_bgerror_resume_count = 0;  // a failure stays one until a restart
    return options;
}

class RocksRows final : public VaultRows {
  public:
    RocksRows(std::unique_ptr<rocksdb::DB> db, std::shared_ptr<RocksFailure> failure)
        : failure_(std::move(failure)), db_(std::move(db)) {}

    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        std::string_view key) const override {
        std::string value;
        const auto status =
            db_->Get(rocksdb::ReadOptions(), rocksdb::Slice(key.data(), key.size()), &value);
        if (status.IsNotFound()) return std::nullopt;
        if (!status.ok()) return tl::unexpected(rocks_error(status, "read vault/"));
        return value;
    }

    [[nodiscard]] domain::Result<void> write(std::span<const VaultRow> rows,
                                             std::span<const std::string> erased) override {
        rocksdb::WriteBatch batch(0, 0, kProtectionBytes, 0);
        rocksdb::Status status;
        for (const VaultRow& row : rows) {
            if (status.ok()) status = batch.Put(row.key, row.value);
        }
        for (const std::string& key : erased) {
            if (status.ok()) status = batch.Delete(key);
        }
        return commit(status, batch);
    }

    [[nodiscard]] domain::Result<void> purge(std::atomic<bool>* cancelled) override {
        if (const auto failed = failure_->get()) return refused(*failed);
        rocksdb::ColumnFamilyHandle* const rows = db_->DefaultColumnFamily();
        RocksPurge purge(*db_, "vault/", cancelled);
        if (auto flushed = purge.flush({rows}); !flushed) return flushed;
        if (auto compacted = purge.compact(rows, {}, {}); !compacted) return compacted;
        return purge.wait_for_files();
    }

    [[nodiscard]] bool failed() const override { return failure_->is_set(); }

    /// A cut at a record's boundary opens clean, and keys that are gone would read as erased: the
    /// vault must not end before what HEAD has seen. Call before the first put.
    [[nodiscard]] domain::Result<void> follow_head(const std::filesystem::path& file) {
        const auto noted = read_head(file);
        if (!noted) return tl::unexpected(noted.error());
        if (*noted && (*noted)->last.ordinal > db_->GetLatestSequenceNumber()) {
            return domain::fail(
                domain::ErrorCode::corrupt,
                "vault/ ends at change " + std::to_string(db_->GetLatestSequenceNumber()) +
                    " but vault/HEAD has seen " + std::to_string((*noted)->last.ordinal) +
                    ": keys were cut off; restore the files that were there");
        }
        head_ = FileDescriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        if (!head_.is_open()) return io_error("open " + file.string());
        return {};
    }

    [[nodiscard]] domain::Result<void> read_all(const VaultRowSink& sink) const override {
        rocksdb::ReadOptions options;
        options.fill_cache = false;
        options.ignore_range_deletions = true;  // there are none: store/rows/run_guard.hpp
        const std::unique_ptr<rocksdb::Iterator> row(db_->NewIterator(options));
        for (row->SeekToFirst(); row->Valid(); row->Next()) {
            if (!sink(row->key().ToStringView(), row->value().ToStringView())) return {};
        }
        if (!row->status().ok()) return tl::unexpected(rocks_error(row->status(), "read vault/"));
        return {};
    }

  private:
    static tl::unexpected<domain::Error> refused(const domain::Error& failed) {
        return domain::fail(failed.code,
                            "vault/ takes no more writes before a restart: " + failed.context);
    }

    [[nodiscard]] domain::Result<void> commit(rocksdb::Status status, rocksdb::WriteBatch& batch) {
        if (const auto failed = failure_->get()) return refused(*failed);
        rocksdb::WriteOptions options;
        options.sync = true;
        if (status.ok()) status = db_->Write(options, &batch);
        if (status.ok()) {
            note_head();
            return {};
        }
        failure_->set(rocks_error(status, "write vault/"));
        return tl::unexpected(rocks_error(status, "write vault/"));
    }

    static constexpr std::size_t kProtectionBytes = 8;  // per key, against flips in memory

    /// After a sync, unsynced itself, so never ahead of the vault. Like the ledger's: one that
    /// cannot be written stops nothing.
    void note_head() {
        const std::lock_guard lock(head_mutex_);
        HeadFile head;
        head.last.ordinal = db_->GetLatestSequenceNumber();
        const auto written = write_head(head_.get(), head);
        if (written || head_warned_) return;
        head_warned_ = true;
        log_warn("vault", {}, "vault/HEAD cannot be written, a cut vault would go unnoticed: {}",
                 written.error().context);
    }

    const std::shared_ptr<RocksFailure> failure_;
    std::unique_ptr<rocksdb::DB> db_;
    std::mutex head_mutex_;
    FileDescriptor head_;
    bool head_warned_ = false;
};

domain::Result<std::unique_ptr<VaultRows>> open_rows(const std::filesystem::path& directory,
                                                     rocksdb::Env* env) {
    make_new_files_private();
    if (const auto made = create_private_directory(directory); !made) {
        return tl::unexpected(made.error());
    }
    rocksdb::Options options = vault_options(env);
    auto failure = std::make_shared<RocksFailure>("vault/");
    options.listeners.push_back(failure);
    const auto manifest = std::make_shared<ManifestNote>(directory);
    options.listeners.push_back(manifest);
    options.listeners.push_back(
        std::make_shared<RunGuard>(options, [failure](const rocksdb::Status& unread) {
            failure->set(rocks_error(unread, "before a compaction of vault/"));
        }));
    options.info_log = std::make_shared<RocksDiary>(directory);
    if (const auto whole = check_manifest(directory, "vault/"); !whole)
        return tl::unexpected(whole.error());
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::Open(options, directory.string(), &opened);
    if (!status.ok()) return tl::unexpected(rocks_open_error(status, "open vault/", directory));
    manifest->note(*opened);
    auto rows =
        std::make_unique<RocksRows>(std::unique_ptr<rocksdb::DB>(opened), std::move(failure));
    if (auto followed = rows->follow_head(directory / "HEAD"); !followed)
        return tl::unexpected(followed.error());
    return rows;
}

bool is_there(const std::filesystem::path& directory) {
    std::error_code error;
    return std::filesystem::exists(directory / "CURRENT", error);
}

}  // namespace

domain::Result<std::unique_ptr<VaultRows>> open_rocks_vault_rows(
    const std::filesystem::path& directory) {
    return open_rows(directory, nullptr);
}

domain::Result<std::unique_ptr<Vault>> open_rocks_vault(const std::filesystem::path& root,
                                                        bool ledger_exists, Random* random,
                                                        rocksdb::Env* env) {
    Random& source = random != nullptr ? *random : system_random();
    const std::filesystem::path directory = root / "vault";
    if (ledger_exists && !is_there(directory)) return make_missing_vault(source);
    auto rows = open_rows(directory, env);
    if (!rows) return tl::unexpected(rows.error());
    return make_vault(std::move(*rows), source,
                      ledger_exists ? NoMaster::refuse : NoMaster::create);
}

}  // namespace decklog::store
