#include "projections/rocks_rows.hpp"

#include <utility>
#include <vector>

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
        options.ignore_range_deletions = true;  // rows have none: store/rows/run_guard.hpp
    }
    rocksdb::Slice lower;
    rocksdb::Slice upper;
    rocksdb::ReadOptions options;
};

}  // namespace

void ReadHealth::failed(const rocksdb::Status& status) {
    {
        const std::lock_guard lock(mutex_);
        if (!failure_ || (!failure_->blames_files && blames_files(status)))
            failure_ = Failure{"read views/: " + status.ToString(), blames_files(status)};
    }
    if (ok_.exchange(false, std::memory_order_acq_rel)) {
        store::log_error("views", {}, "views/ cannot be read, its queries wait: {}",
                         status.ToString());
    }
}

std::optional<ReadHealth::Failure> ReadHealth::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
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

void RocksRows::each_part(std::string_view key,
                          const std::function<void(std::string_view packed)>& sink) const {
    rocksdb::ReadOptions options;
    if (at_) options.snapshot = at_->get();
    constexpr int kPartsExpected = 64;
    std::vector<rocksdb::PinnableSlice> parts;
    int found = kPartsExpected;
    rocksdb::Status status;
    do {
        // Incomplete: there are more, and now it is known how many.
        parts = std::vector<rocksdb::PinnableSlice>(static_cast<std::size_t>(found));
        rocksdb::GetMergeOperandsOptions expected;
        expected.expected_max_number_of_operands = found;
        status = family_->db().GetMergeOperands(options, family_->handle(), slice(key),
                                                parts.data(), &expected, &found);
    } while (status.IsIncomplete());
    if (status.IsNotFound()) return;
    if (!status.ok()) return health_->failed(status);
    for (int i = 0; i < found; ++i) sink(parts[static_cast<std::size_t>(i)].ToStringView());
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

std::unique_ptr<RowCursor> RocksRows::cursor() const {
    return std::make_unique<RowCursor>(family_, health_, at_);
}

RowCursor::RowCursor(const FamilyPtr& family, const ReadHealthPtr& health, const SnapshotPtr& at)
    : family_(family), health_(health), at_(at) {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.readahead_size = kReadaheadBytes;
    options.ignore_range_deletions = true;
    if (at_) options.snapshot = at_->get();
    row_.reset(family_->db().NewIterator(options, family_->handle()));
    row_->SeekToFirst();
    skip_empty();
}

void RowCursor::next() {
    row_->Next();
    skip_empty();
}

void RowCursor::skip_empty() {
    while (row_->Valid() && row_->value().empty()) row_->Next();
    if (!row_->Valid() && !row_->status().ok()) health_->failed(row_->status());
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
