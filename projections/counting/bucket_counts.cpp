#include "projections/counting/bucket_counts.hpp"

#include <algorithm>
#include <tuple>

#include "projections/counting/ordered_bytes.hpp"

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
    std::sort(entries_.begin(), entries_.end(), [](const Entry& left, const Entry& right) {
        return std::tie(left.bucket, left.slot) < std::tie(right.bucket, right.slot);
    });
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

void BucketCounts::write(char tag, Level level, RowWriter& rows) const {
    std::string key;
    for (std::size_t i = 0; i < entries_.size();) {
        const std::int64_t bucket = entries_[i].bucket;
        CountWriter packed;
        for (; i < entries_.size() && entries_[i].bucket == bucket; ++i) {
            key.clear();
            put_slot(key, entries_[i].slot);
            packed.append(key, entries_[i].count);
        }
        rows.add_counts(bucket_key(tag, level, bucket), std::move(packed).take());
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
