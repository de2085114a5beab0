#include "projections/rocks_rows.hpp"

#include <algorithm>
#include <utility>

#include "domain/check.hpp"
#include "store/log.hpp"

namespace decklog::projections {
namespace {

constexpr std::size_t kReadaheadBytes = 2U << 20U;

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

/// Bounds of a scan, kept alive as long as the iterator that points to them.
struct Bounds {
    Bounds(std::string_view begin, std::string_view end, const SnapshotPtr& at)
        : lower(slice(begin)), upper(slice(end)) {
        options.iterate_lower_bound = &lower;
        if (!end.empty()) options.iterate_upper_bound = &upper;
        if (at) options.snapshot = at->get();
    }
    rocksdb::Slice lower;
    rocksdb::Slice upper;
    rocksdb::ReadOptions options;
};

/// All rows that count as rows, in order, once and without filling the cache.
class Cursor {
  public:
    Cursor(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle, const SnapshotPtr& at) {
        rocksdb::ReadOptions options;
        options.fill_cache = false;
        options.readahead_size = kReadaheadBytes;
        if (at) options.snapshot = at->get();
        row_.reset(db.NewIterator(options, handle));
        row_->SeekToFirst();
        skip_empty();
    }
    [[nodiscard]] bool valid() const { return row_->Valid(); }
    [[nodiscard]] std::string_view key() const { return row_->key().ToStringView(); }
    [[nodiscard]] std::string_view value() const { return row_->value().ToStringView(); }
    [[nodiscard]] rocksdb::Status status() const { return row_->status(); }
    void next() {
        row_->Next();
        skip_empty();
    }

  private:
    void skip_empty() {
        while (row_->Valid() && row_->value().empty()) row_->Next();
    }
    std::unique_ptr<rocksdb::Iterator> row_;
};

std::string row_named(std::string_view key) {
    return "row " + domain::to_hex(reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
}

}  // namespace

void ReadHealth::failed(const rocksdb::Status& status) {
    if (ok_.exchange(false, std::memory_order_acq_rel)) {
        store::log_error("views", {}, "views/ cannot be read, its queries stop: {}",
                         status.ToString());
    }
}

std::optional<std::string> RocksRows::get(std::string_view key) const {
    rocksdb::ReadOptions options;
    if (at_) options.snapshot = at_->get();
    std::string value;
    const auto status = family_->db().Get(options, family_->handle(), slice(key), &value);
    if (!status.ok() && !status.IsNotFound()) health_->failed(status);
    if (!status.ok() || value.empty()) return std::nullopt;
    return value;
}

void RocksRows::scan(std::string_view begin, std::string_view end, const RowSink& sink) const {
    const Bounds bounds(begin, end, at_);
    const std::unique_ptr<rocksdb::Iterator> row(
        family_->db().NewIterator(bounds.options, family_->handle()));
    for (row->SeekToFirst(); row->Valid(); row->Next()) {
        if (row->value().empty()) continue;
        if (!sink(row->key().ToStringView(), row->value().ToStringView())) return;
    }
    if (!row->status().ok()) health_->failed(row->status());
}

void RocksRows::scan_back(std::string_view begin, std::string_view end, const RowSink& sink) const {
    const Bounds bounds(begin, end, at_);
    const std::unique_ptr<rocksdb::Iterator> row(
        family_->db().NewIterator(bounds.options, family_->handle()));
    for (row->SeekToLast(); row->Valid(); row->Prev()) {
        if (row->value().empty()) continue;
        if (!sink(row->key().ToStringView(), row->value().ToStringView())) return;
    }
    if (!row->status().ok()) health_->failed(row->status());
}

std::string first_difference(const RocksRows& left, const RocksRows& right) {
    Cursor ours(left.family_->db(), left.family_->handle(), left.at_);
    Cursor theirs(right.family_->db(), right.family_->handle(), right.at_);
    for (; ours.valid() && theirs.valid(); ours.next(), theirs.next()) {
        if (ours.key() == theirs.key() && ours.value() == theirs.value()) continue;
        return row_named(std::min(ours.key(), theirs.key()));
    }
    for (const Cursor* cursor : {&ours, &theirs}) {
        if (cursor->status().ok()) continue;
        left.health_->failed(cursor->status());
        return "unreadable rows";
    }
    if (ours.valid()) return row_named(ours.key());
    if (theirs.valid()) return row_named(theirs.key());
    return {};
}

void RocksRowWriter::put(std::string_view key, std::string_view value) {
    DECKLOG_CHECK(!value.empty());
    // Fails only for families this database does not have.
    DECKLOG_CHECK(batch_.Put(family_.handle(), slice(key), slice(value)).ok());
}

void RocksRowWriter::erase(std::string_view key) {
    DECKLOG_CHECK(batch_.Delete(family_.handle(), slice(key)).ok());
}

void RocksRowWriter::add_counts(std::string_view key, std::string_view packed_delta) {
    if (packed_delta.empty()) return;
    DECKLOG_CHECK(batch_.Merge(family_.handle(), slice(key), slice(packed_delta)).ok());
}

}  // namespace decklog::projections
