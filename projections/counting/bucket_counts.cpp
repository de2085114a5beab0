#include "projections/counting/bucket_counts.hpp"

#include "projections/counting/ordered_bytes.hpp"
#include "projections/counting/radix_sort.hpp"

namespace decklog::projections::counting {

void put_slot(std::string& out, Slot slot) {
    put_ordered(out, slot.group);
    put_ordered(out, slot.number);
}

std::string bucket_key(char tag, Level level, std::int64_t bucket) {
    std::string key{tag, static_cast<char>(level)};
    put_be64_signed(key, bucket);
    return key;
}

Bucket bucket_in(std::string_view key) {
    RowBytes bytes(key);
    bytes.byte();  // the tag
    const auto level = static_cast<Level>(bytes.byte());
    return {level, bytes.be64_signed()};
}

void BucketCounts::sum_equals() {
    constexpr unsigned kNumberBits = 32;
    radix_sort(entries_, scratch_, [](const Entry& entry) {
        return (std::uint64_t{entry.slot.group} << kNumberBits) | entry.slot.number;
    });
    radix_sort(entries_, scratch_, [](const Entry& entry) { return sortable(entry.bucket); });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (kept > 0 && entries_[kept - 1].bucket == entries_[i].bucket &&
            entries_[kept - 1].slot == entries_[i].slot) {
            entries_[kept - 1].count += entries_[i].count;
        } else {
            entries_[kept++] = entries_[i];
        }
    }
    entries_.resize(kept);
}

void BucketCounts::write(char tag, Level level, RowWriter& rows) {
    for (std::size_t i = 0; i < entries_.size();) {
        const std::int64_t bucket = entries_[i].bucket;
        packed_.clear();
        for (; i < entries_.size() && entries_[i].bucket == bucket; ++i) {
            if (entries_[i].count == 0) continue;
            key_.clear();
            put_slot(key_, entries_[i].slot);
            put_count(packed_, key_, entries_[i].count);  // slots sort as their bytes do
        }
        if (!packed_.empty()) rows.add_counts(bucket_key(tag, level, bucket), packed_);
    }
}

void BucketCounts::finish(char tag, RowWriter& rows) {
    sum_equals();
    write(tag, Level::minute, rows);
    climb(Level::minute, Level::hour);
    write(tag, Level::hour, rows);
    climb(Level::hour, Level::day);
    write(tag, Level::day, rows);
    entries_.clear();
}

void BucketCounts::climb(Level from, Level to) {
    for (Entry& entry : entries_) entry.bucket = bucket_of(to, begin_of(from, entry.bucket));
    sum_equals();
}

}  // namespace decklog::projections::counting
