// Rows in RocksDB: one database, one column family a row family.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "store/rows/rocks_failure.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store {

/// What a commit waits for. `cached`: a crash of the machine may lose the newest batches, together;
/// for rows that are made of a log that stands elsewhere.
enum class Durability : std::uint8_t { synced, cached };

/// Thread-safe; a partition's rows are committed by its writer alone.
class RocksRows final : public RowStore {
  public:
    /// Opens or creates the database. Errors: other_format (a family that this release does not
    /// know, by name), corrupt, io.
    [[nodiscard]] static domain::Result<std::unique_ptr<RocksRows>> open(
        const std::filesystem::path& directory, rocksdb::Env* env,
        Durability durability = Durability::synced);
    /// For reading what nobody else has open, such as a checkpoint: writes nothing at all, not even
    /// an information log. Errors: as open, and io when it does not exist.
    [[nodiscard]] static domain::Result<std::unique_ptr<RocksRows>> open_to_read(
        const std::filesystem::path& directory);
    ~RocksRows() override;
    RocksRows(const RocksRows&) = delete;
    RocksRows& operator=(const RocksRows&) = delete;

    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        RowFamily family, std::string_view key) const override;
    [[nodiscard]] domain::Result<void> scan(RowFamily family, std::string_view begin,
                                            std::string_view end, Order order, Access access,
                                            const KeyValueSink& sink) const override;
    [[nodiscard]] std::unique_ptr<RowBatch> new_batch() const override;
    [[nodiscard]] std::unique_ptr<RowBatch> new_bulk_batch() const override;
    [[nodiscard]] domain::Result<void> commit(RowBatch& batch) override;
    [[nodiscard]] std::optional<domain::Error> failure() const override { return failure_->get(); }
    [[nodiscard]] domain::Result<void> purge(RowFamily family, std::span<const RowRange> ranges,
                                             std::atomic<bool>* cancelled) override;
    [[nodiscard]] std::unique_ptr<RowReader> snapshot() const override;

    /// A copy of the whole database as it is at some moment of the call, beside its writer:
    /// `directory` (which must not exist) gets hard links where it is on the same file system,
    /// copies elsewhere. What was in memory is flushed first.
    [[nodiscard]] domain::Result<void> checkpoint(const std::filesystem::path& directory) const;

  private:
    class Batch;
    class Snapshot;
    using Families = std::vector<rocksdb::ColumnFamilyHandle*>;

    [[nodiscard]] rocksdb::Status write(RowBatch& batch);

    RocksRows(std::unique_ptr<rocksdb::DB> db, Families families,
              std::shared_ptr<RocksFailure> failure, Durability durability)
        : failure_(std::move(failure)),
          db_(std::move(db)),
          families_(std::move(families)),
          durability_(durability) {}
    [[nodiscard]] domain::Result<std::optional<std::string>> get_at(
        const rocksdb::Snapshot* snapshot, RowFamily family, std::string_view key) const;
    [[nodiscard]] domain::Result<void> scan_at(const rocksdb::Snapshot* snapshot, RowFamily family,
                                               std::string_view begin, std::string_view end,
                                               Order order, Access access,
                                               const KeyValueSink& sink) const;

    std::shared_ptr<RocksFailure> failure_;
    std::unique_ptr<rocksdb::DB> db_;
    Families families_;  // by index_of(RowFamily); the last one is RocksDB's own "default", unused
    const Durability durability_;
    std::mutex bulk_mutex_;  // one batch of files at a time: they have one folder
};

}  // namespace decklog::store
