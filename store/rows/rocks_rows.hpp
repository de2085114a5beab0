// Rows in RocksDB: one database, one column family a row family, every batch synced.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "store/rows/rocks_failure.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store {

/// Thread-safe but for commit, which is the writer's.
class RocksRows final : public RowStore {
  public:
    /// Opens or creates the database. Errors: other_format (a family that this release does not
    /// know, by name), corrupt, io.
    [[nodiscard]] static domain::Result<std::unique_ptr<RocksRows>> open(
        const std::filesystem::path& directory, rocksdb::Env* env);
    ~RocksRows() override;
    RocksRows(const RocksRows&) = delete;
    RocksRows& operator=(const RocksRows&) = delete;

    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        RowFamily family, std::string_view key) const override;
    [[nodiscard]] domain::Result<void> scan(RowFamily family, std::string_view begin,
                                            std::string_view end, Order order, Access access,
                                            const KeyValueSink& sink) const override;
    [[nodiscard]] std::unique_ptr<RowBatch> new_batch() const override;
    [[nodiscard]] domain::Result<void> commit(RowBatch& batch) override;
    [[nodiscard]] std::optional<domain::Error> failure() const override { return failure_->get(); }
    [[nodiscard]] std::unique_ptr<RowReader> snapshot() const override;

  private:
    class Batch;
    class Snapshot;
    using Families = std::vector<rocksdb::ColumnFamilyHandle*>;

    RocksRows(std::unique_ptr<rocksdb::DB> db, Families families,
              std::shared_ptr<RocksFailure> failure)
        : failure_(std::move(failure)), db_(std::move(db)), families_(std::move(families)) {}
    [[nodiscard]] domain::Result<std::optional<std::string>> get_at(
        const rocksdb::Snapshot* snapshot, RowFamily family, std::string_view key) const;
    [[nodiscard]] domain::Result<void> scan_at(const rocksdb::Snapshot* snapshot, RowFamily family,
                                               std::string_view begin, std::string_view end,
                                               Order order, Access access,
                                               const KeyValueSink& sink) const;

    std::shared_ptr<RocksFailure> failure_;
    std::unique_ptr<rocksdb::DB> db_;
    Families families_;  // by index_of(RowFamily); the last one is RocksDB's own "default", unused
};

}  // namespace decklog::store
