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
        entries_.push_back({bucket_of(Level::minute, time_us), slot, count});
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
    void write(char tag, Level level, RowWriter& rows) const;

    std::vector<Entry> entries_;
};

/// Calls back for every (slot, count) of the rows of `tag` in the span.
template <class Sink>
void scan_counts(const RowReader& rows, char tag, const Span& span, const Sink& sink) {
    rows.scan(bucket_key(tag, span.level, span.first), bucket_key(tag, span.level, span.last),
              [&](std::string_view, std::string_view packed) {
                  CountReader reader(packed);
                  while (const auto entry = reader.next()) sink(slot_in(entry->key), entry->count);
                  return true;
              });
}

}  // namespace decklog::projections::counting
