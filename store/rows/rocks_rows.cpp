#include "store/rows/rocks_rows.hpp"

#include "domain/check.hpp"
#include "store/limits.hpp"
#include "store/rows/backwards.hpp"
#include "store/rows/rocks_bulk.hpp"
#include "store/rows/rocks_options.hpp"
#include "store/rows/rocks_purge.hpp"
#include "store/rows/rocks_status.hpp"
#include "store/rows/run_guard.hpp"

namespace decklog::store {
namespace {

constexpr const char* kBulkFolder = "/bulk";

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

std::string doing(std::string_view what, RowFamily family) {
    return std::string(what) + " ledger/ " + std::string(name_of(family));
}

/// Do all keys of [begin, end) begin with one of the prefixes that the family is hashed by?
bool under_one_prefix(RowFamily family, std::string_view begin, std::string_view end) {
    return is_hashed(family) && begin.size() > kHashedPrefixBytes && begin.size() == end.size() &&
           begin.substr(0, kHashedPrefixBytes) == end.substr(0, kHashedPrefixBytes);
}

}  // namespace

class RocksRows::Batch final : public RowBatch {
  public:
    explicit Batch(const Families& families)
        : families_(families), batch_(0, 0, kWriteProtectionBytes, 0) {}

    void put(RowFamily family, std::string_view key, std::string_view value) override {
        keep_first(batch_.Put(families_[index_of(family)], slice(key), slice(value)));
    }
    void erase(RowFamily family, std::string_view key) override {
        keep_first(batch_.Delete(families_[index_of(family)], slice(key)));
    }
    void erase_range(RowFamily family, std::string_view begin, std::string_view end) override {
        keep_first(batch_.DeleteRange(families_[index_of(family)], slice(begin), slice(end)));
    }
    [[nodiscard]] std::size_t bytes() const override { return batch_.GetDataSize(); }
    [[nodiscard]] rocksdb::WriteBatch& batch() { return batch_; }
    [[nodiscard]] const rocksdb::Status& status() const { return status_; }

  private:
    void keep_first(const rocksdb::Status& status) {
        if (status_.ok() && !status.ok()) status_ = status;
    }
    const Families& families_;
    rocksdb::WriteBatch batch_;
    rocksdb::Status status_;
};

class RocksRows::Snapshot final : public RowReader {
  public:
    explicit Snapshot(const RocksRows& rows) : rows_(rows), snapshot_(rows.db_->GetSnapshot()) {}
    ~Snapshot() override { rows_.db_->ReleaseSnapshot(snapshot_); }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        RowFamily family, std::string_view key) const override {
        return rows_.get_at(snapshot_, family, key);
    }
    [[nodiscard]] domain::Result<void> scan(RowFamily family, std::string_view begin,
                                            std::string_view end, Order order, Access access,
                                            const KeyValueSink& sink) const override {
        return rows_.scan_at(snapshot_, family, begin, end, order, access, sink);
    }

  private:
    const RocksRows& rows_;
    const rocksdb::Snapshot* const snapshot_;
};

RocksRows::~RocksRows() {
    for (rocksdb::ColumnFamilyHandle* family : families_) {
        const rocksdb::Status destroyed = db_->DestroyColumnFamilyHandle(family);
        DECKLOG_CHECK(destroyed.ok());
    }
    // Nothing can be lost here: every batch was synced when it was written.
    const rocksdb::Status closed = db_->Close();
    static_cast<void>(closed);
}

domain::Result<std::optional<std::string>> RocksRows::get_at(const rocksdb::Snapshot* snapshot,
                                                             RowFamily family,
                                                             std::string_view key) const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    std::string value;
    const rocksdb::Status status =
        db_->Get(options, families_[index_of(family)], slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>{};
    if (!status.ok()) return tl::unexpected(rocks_error(status, doing("read", family)));
    return std::optional<std::string>(std::move(value));
}

domain::Result<void> RocksRows::scan_at(const rocksdb::Snapshot* snapshot, RowFamily family,
                                        std::string_view begin, std::string_view end, Order order,
                                        Access access, const KeyValueSink& sink) const {
    const rocksdb::Slice lower = slice(begin);
    const rocksdb::Slice upper = slice(end);
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.iterate_lower_bound = &lower;
    options.iterate_upper_bound = &upper;
    // Without total order an iterator over a hashed family leaves rows of other prefixes out and
    // says OK; with it, one over a hash memtable begins by sorting a copy.
    options.prefix_same_as_start = under_one_prefix(family, begin, end);
    options.total_order_seek = !options.prefix_same_as_start;
    // Ranges are deleted of raw bodies alone (store/rows/run_guard.hpp).
    options.ignore_range_deletions = family != RowFamily::raw;
    if (access == Access::bulk) {
        options.readahead_size = limits::kScanReadaheadBytes;
        options.fill_cache = false;
    }
    const std::unique_ptr<rocksdb::Iterator> rows(
        db_->NewIterator(options, families_[index_of(family)]));
    if (order == Order::descending && options.prefix_same_as_start) {
        scan_backwards(*rows, begin, end, sink);
    } else if (order == Order::ascending) {
        for (rows->Seek(lower); rows->Valid() && sink(view(rows->key()), view(rows->value()));
             rows->Next()) {
        }
    } else {
        for (rows->SeekForPrev(upper);
             rows->Valid() && sink(view(rows->key()), view(rows->value())); rows->Prev()) {
        }
    }
    if (!rows->status().ok())
        return tl::unexpected(rocks_error(rows->status(), doing("scan", family)));
    if (options.ignore_range_deletions) return {};
    return check_runs(*db_, *families_[index_of(family)]);
}

domain::Result<std::optional<std::string>> RocksRows::get(RowFamily family,
                                                          std::string_view key) const {
    return get_at(nullptr, family, key);
}

domain::Result<void> RocksRows::scan(RowFamily family, std::string_view begin, std::string_view end,
                                     Order order, Access access, const KeyValueSink& sink) const {
    return scan_at(nullptr, family, begin, end, order, access, sink);
}

std::unique_ptr<RowBatch> RocksRows::new_batch() const {
    return std::make_unique<Batch>(families_);
}

std::unique_ptr<RowBatch> RocksRows::new_bulk_batch() const {
    return std::make_unique<RocksBulk>();
}

rocksdb::Status RocksRows::write(RowBatch& batch) {
    if (auto* bulk = dynamic_cast<RocksBulk*>(&batch)) {
        const std::lock_guard lock(bulk_mutex_);
        return bulk->ingest(*db_, families_, db_->GetName() + kBulkFolder);
    }
    rocksdb::WriteOptions options = durable_write();
    if (durability_ == Durability::cached) options.sync = false;
    return db_->Write(options, &static_cast<Batch&>(batch).batch());
}

domain::Result<void> RocksRows::commit(RowBatch& batch) {
    if (auto failed = failure_->get()) return tl::unexpected(std::move(*failed));
    if (const auto* mine = dynamic_cast<Batch*>(&batch); mine != nullptr && !mine->status().ok())
        return tl::unexpected(rocks_error(mine->status(), "build a batch for ledger/"));
    const rocksdb::Status status = write(batch);
    if (status.ok()) return {};
    failure_->set(rocks_error(status, "write ledger/"));
    return tl::unexpected(rocks_error(status, "write ledger/"));
}

domain::Result<void> RocksRows::purge(RowFamily family, std::span<const RowRange> ranges,
                                      std::atomic<bool>* cancelled) {
    if (auto failed = failure_->get()) return tl::unexpected(std::move(*failed));
    RocksPurge purge(*db_, "ledger/", cancelled);
    // All families share the write-ahead log: it goes when none of them needs it any more.
    if (auto flushed = purge.flush(families_); !flushed) return flushed;
    for (const RowRange& range : ranges) {
        auto compacted = purge.compact(families_[index_of(family)], range.begin, range.end);
        if (!compacted) return compacted;
    }
    return purge.wait_for_files();
}

std::unique_ptr<RowReader> RocksRows::snapshot() const { return std::make_unique<Snapshot>(*this); }

}  // namespace decklog::store
