// Counts by slot for every minute, hour and day that a batch touches. Adding is a push; the sums
// are made once, at the end, from sorted entries: finer sums feed the coarser ones, so the work
// shrinks on the way up. Rows: tag, level, bucket -> packed counts of (group, number). One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "projections/counting/ordered_bytes.hpp"
#include "projections/counting/pyramid.hpp"
#include "projections/packed_counts.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::counting {

/// What is counted: a number within a group. The view says what both mean.
struct Slot {
    std::uint32_t group = 0;
    std::uint32_t number = 0;
    auto operator<=>(const Slot&) const = default;
};
void put_slot(std::string& out, Slot slot);
[[nodiscard]] inline Slot slot_in(std::string_view bytes) {
    const auto group = static_cast<std::uint32_t>(take_ordered(bytes));
    return {group, static_cast<std::uint32_t>(take_ordered(bytes))};
}

[[nodiscard]] std::string bucket_key(char tag, Level level, std::int64_t bucket);
struct Bucket {
    Level level = Level::minute;
    std::int64_t number = 0;
};
[[nodiscard]] Bucket bucket_in(std::string_view key);

class BucketCounts {
  public:
    void add(std::int64_t time_us, Slot slot, std::int64_t count) {
        entries_.push_back({minute_of(time_us), slot, count});
    }
    /// Adds everything to the rows of `tag` and forgets it.
    void finish(char tag, RowWriter& rows);

  private:
    struct Entry {
        std::int64_t bucket;
        Slot slot;
        std::int64_t count;
    };
    void sum_equals();
    void climb(Level from, Level to);
    void write(char tag, Level level, RowWriter& rows);

    std::vector<Entry> entries_;
    std::vector<Entry> scratch_;
    std::string packed_;  // scratch
    std::string key_;     // scratch
};

/// Calls back for every (slot, count) of a packed row. A query reads hundreds of thousands, nearly
/// all with a short number and a count of one byte; the others take the long way.
template <class Sink>
void each_count(std::string_view packed, const Sink& sink) {
    constexpr std::uint8_t kMore = 0x80;
    const auto byte_at = [&packed](std::size_t at) {
        return static_cast<std::uint8_t>(packed[at]);
    };
    while (!packed.empty()) {
        const std::size_t size = byte_at(0);
        if (size >= 2 && size < kMore && packed.size() >= size + 2 && byte_at(1) < kMore &&
            byte_at(size + 1) < kMore) {
            std::string_view number = packed.substr(2, size - 1);
            const int zigzag = byte_at(size + 1);
            const std::int64_t count = (zigzag >> 1) ^ -(zigzag & 1);
            sink(Slot{byte_at(1), static_cast<std::uint32_t>(take_ordered(number))}, count);
            packed.remove_prefix(size + 2);
            continue;
        }
        CountReader reader(packed);
        const auto entry = reader.next();
        if (!entry) return;
        sink(slot_in(entry->key), entry->count);
        packed = reader.rest();
    }
}

/// Calls back for (slot, count) of the rows of `tag` in the span, with the span's sign; a slot may
/// come many times, for its counts to be added up.
template <class Sink>
void scan_counts(const RowReader& rows, char tag, const Span& span, const Sink& sink) {
    const auto add = [&](std::string_view packed) {
        each_count(packed, [&](Slot slot, std::int64_t count) { sink(slot, span.sign * count); });
    };
    // Few buckets are read one by one, each in the parts it stands in, which need not be summed
    // first.
    constexpr std::int64_t kReadOneByOne = 64;
    const bool few = span.last - kReadOneByOne <= span.first;
    const std::int64_t one_by_one = few                     ? span.last
                                    : span.last == kForever ? span.first + 8
                                                            : span.first;
    for (std::int64_t bucket = span.first; bucket < one_by_one; ++bucket)
        rows.each_part(bucket_key(tag, span.level, bucket), add);
    if (one_by_one == span.last) return;
    rows.scan(bucket_key(tag, span.level, one_by_one), bucket_key(tag, span.level, span.last),
              [&](std::string_view, std::string_view packed) {
                  add(packed);
                  return true;
              });
}

}  // namespace decklog::projections::counting
