// Rows of one view instance in RocksDB: a reader at the newest state or at a snapshot, and a writer
// into a batch. Empty values are sums that came to nothing and show as absent. A read that fails
// has no answer to give: it marks `ReadHealth`, whose owner then stops serving, instead of passing
// for an absent row.
#pragma once

#include <atomic>
#include <memory>

#include <rocksdb/write_batch.h>

#include "projections/rows.hpp"
#include "projections/views_database.hpp"

namespace decklog::projections {

/// Shared by all readers of a database. Thread-safe.
class ReadHealth {
  public:
    /// Logs the first failure.
    void failed(const rocksdb::Status& status);
    [[nodiscard]] bool ok() const { return ok_.load(std::memory_order_acquire); }

  private:
    std::atomic<bool> ok_{true};
};
using ReadHealthPtr = std::shared_ptr<ReadHealth>;

/// Thread-safe.
class RocksRows final : public RowReader {
  public:
    /// Without a snapshot: the newest state, for the one thread that writes it.
    RocksRows(FamilyPtr family, ReadHealthPtr health, SnapshotPtr at = {})
        : family_(std::move(family)), health_(std::move(health)), at_(std::move(at)) {}

    [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
    void scan(std::string_view begin, std::string_view end, const RowSink& sink) const override;
    void scan_back(std::string_view begin, std::string_view end,
                   const RowSink& sink) const override;
    friend std::string first_difference(const RocksRows& left, const RocksRows& right);

  private:
    FamilyPtr family_;
    ReadHealthPtr health_;
    SnapshotPtr at_;
};

/// Where the rows begin to differ, as `row <hex of the key>`; empty when they are the same, byte
/// for byte.
[[nodiscard]] std::string first_difference(const RocksRows& left, const RocksRows& right);

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
