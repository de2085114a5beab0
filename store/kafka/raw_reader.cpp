#include "store/kafka/raw_reader.hpp"

#include <algorithm>

#include "store/limits.hpp"
#include "store/log.hpp"
#include "store/rows/keys.hpp"

namespace decklog::store::kafka {
namespace {

/// In `meta`, beside the partition's replica_key: where its raw bodies were read to.
Key raw_offset_key(std::uint32_t partition) { return Key(partition).u8('w'); }

std::string_view as_text(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

domain::Result<RawReader> RawReader::open(const ClusterOptions& options, RowStore& rows,
                                          std::uint32_t partition, Bell& bell) {
    ClusterOptions of_raw = options;
    of_raw.topic += ".raw";
    auto consumer = KafkaConsumer::open(of_raw, partition, bell, KafkaConsumer::kRaw);
    if (!consumer) return tl::unexpected(std::move(consumer).error());
    RawReader reader(*std::move(consumer), rows, partition);
    const auto stored = rows.get(RowFamily::meta, raw_offset_key(partition));
    if (!stored) return tl::unexpected(stored.error());
    if (*stored) {
        const auto offset = parse_ordinal(**stored);
        if (!offset)
            return domain::fail(domain::ErrorCode::corrupt, "ledger/ meta: odd raw offset");
        reader.next_offset_ = static_cast<std::int64_t>(*offset);
    }
    if (auto found = reader.find_place(); !found) return tl::unexpected(std::move(found).error());
    return reader;
}

domain::Result<void> RawReader::find_place() {
    const auto held = consumer_.held();
    if (!held) return tl::unexpected(held.error());
    if (next_offset_ > held->end) {
        log_warn("kafka", {}, "raw bodies: the topic was cut, or made anew; it is read again");
        next_offset_ = held->begin;
    }
    next_offset_ = std::max(next_offset_, held->begin);
    return consumer_.read_from(next_offset_);
}

domain::Result<void> RawReader::apply(std::uint32_t first_kept) {
    const auto fetched = consumer_.fetch();
    // Its days may pass faster than it is read.
    if (!fetched) return find_place();
    if (fetched->empty()) return {};
    const Key oldest = raw_key(partition_, first_kept, {});
    const auto batch = rows_->new_batch();
    for (const Fetched& record : *fetched) {
        const std::string_view key = as_text(record.key);
        if (key.size() != oldest.view().size() || key < oldest.view()) continue;
        if (record.bytes.empty()) {
            batch->erase(RowFamily::raw, key);
        } else {
            batch->put(RowFamily::raw, key, as_text(record.bytes));
        }
    }
    next_offset_ = fetched->back().offset + 1;
    batch->put(RowFamily::meta, raw_offset_key(partition_),
               ordinal_value(static_cast<std::uint64_t>(next_offset_)));
    return rows_->commit(*batch);
}

domain::Result<void> RawReader::sweep(std::uint32_t first_kept) {
    const auto batch = rows_->new_batch();
    batch->erase_range(RowFamily::raw, raw_key(partition_, 0, {}),
                       raw_key(partition_, first_kept, {}));
    return rows_->commit(*batch);
}

}  // namespace decklog::store::kafka
