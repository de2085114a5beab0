// Rows of one view instance in RocksDB: a reader at the newest state or at a snapshot, and a writer
// into a batch. Empty values are sums that came to nothing and show as absent. A read that fails
// has no answer to give: it marks `ReadHealth`, whose owner then stops serving and opens the files
// again, instead of passing for an absent row.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <rocksdb/write_batch.h>

#include "projections/rows.hpp"
#include "projections/views_database.hpp"

namespace decklog::projections {

/// Shared by all readers of one opening of the database. Thread-safe.
class ReadHealth {
  public:
    /// Logs the first failure.
    void failed(const rocksdb::Status& status);
    [[nodiscard]] bool ok() const { return ok_.load(std::memory_order_acquire); }
    struct Failure {
        std::string what;
        bool blames_files = false;
    };
    /// The first failure, or the first that blames the files.
    [[nodiscard]] std::optional<Failure> failure() const;

  private:
    std::atomic<bool> ok_{true};
    mutable std::mutex mutex_;
    std::optional<Failure> failure_;
};
using ReadHealthPtr = std::shared_ptr<ReadHealth>;

/// Thread-safe.
class RocksRows final : public RowReader {
  public:
    /// Without a snapshot: the newest state, for the one thread that writes it.
    RocksRows(FamilyPtr family, ReadHealthPtr health, SnapshotPtr at = {})
        : family_(std::move(family)), health_(std::move(health)), at_(std::move(at)) {}

    [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
    void each_part(std::string_view key,
                   const std::function<void(std::string_view packed)>& sink) const override;
    void scan(std::string_view begin, std::string_view end, const RowSink& sink) const override;
    void scan_back(std::string_view begin, std::string_view end,
                   const RowSink& sink) const override;
    /// All rows in order, once, without filling the cache.
    [[nodiscard]] std::unique_ptr<class RowCursor> cursor() const;

  private:
    FamilyPtr family_;
    ReadHealthPtr health_;
    SnapshotPtr at_;
};

/// Ends, and marks the health, where a read fails. One thread.
class RowCursor {
  public:
    RowCursor(const FamilyPtr& family, const ReadHealthPtr& health, const SnapshotPtr& at);
    [[nodiscard]] bool valid() const { return row_->Valid(); }
    [[nodiscard]] std::string_view key() const { return row_->key().ToStringView(); }
    [[nodiscard]] std::string_view value() const { return row_->value().ToStringView(); }
    void next();

  private:
    void skip_empty();
    FamilyPtr family_;
    ReadHealthPtr health_;
    SnapshotPtr at_;
    std::unique_ptr<rocksdb::Iterator> row_;
};

class RocksRowWriter final : public RowWriter {
  public:
    RocksRowWriter(rocksdb::WriteBatch& batch, const RowFamily& family)
        : batch_(batch), family_(family) {}
    void put(std::string_view key, std::string_view value) override;
    void erase(std::string_view key) override;
    void add_counts(std::string_view key, std::string_view packed_delta) override;

  private:
    rocksdb::WriteBatch& batch_;
    const RowFamily& family_;
};

}  // namespace decklog::projections
