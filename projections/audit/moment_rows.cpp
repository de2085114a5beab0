#include "projections/audit/moment_rows.hpp"

#include "projections/counting/pyramid.hpp"
#include "projections/counting/radix_sort.hpp"
#include "projections/packed_counts.hpp"

namespace decklog::projections::audit {
namespace {

using counting::bucket_of;
using counting::Level;

std::uint32_t offset_in(Level level, std::int64_t time_us) {
    return static_cast<std::uint32_t>(time_us -
                                      counting::begin_of(level, bucket_of(level, time_us)));
}

}  // namespace

void MomentRows::add_action(std::int64_t time_us, AuditEntry entry) {
    entry.offset_us = offset_in(Level::second, time_us);
    actions_.push_back({time_us, entry, 1});
}

void MomentRows::add_error(std::int64_t time_us, std::uint64_t ordinal) {
    errors_.push_back({time_us, {offset_in(Level::hour, time_us), ordinal}, 1});
}

void MomentRows::add_change(std::int64_t time_us, counting::Slot slot, std::int64_t count) {
    changes_.push_back({time_us, {offset_in(Level::minute, time_us), slot}, count});
}

template <class Entry, class KeyOf>
void MomentRows::write(const Moments<Entry>& sorted, Level level, const KeyOf& key_of,
                       RowWriter& rows) {
    for (std::size_t i = 0; i < sorted.size();) {
        const std::int64_t bucket = bucket_of(level, sorted[i].time_us);
        const std::int64_t end_us = counting::begin_of(level, bucket + 1);
        packed_.clear();
        do {
            const At<Entry>& first = sorted[i];
            std::int64_t count = 0;
            for (; i < sorted.size() && sorted[i].time_us == first.time_us &&
                   !before(first.entry, sorted[i].entry);
                 ++i) {
                count += sorted[i].count;
            }
            if (count == 0) continue;
            bytes_.clear();
            put(bytes_, first.entry);
            put_count(packed_, bytes_, count);  // entries sort as their bytes do
        } while (i < sorted.size() && sorted[i].time_us < end_us);
        if (!packed_.empty()) rows.add_counts(key_of(bucket), packed_);
    }
}

void MomentRows::finish(RowWriter& rows) {
    // Entries came in the order of positions, and sorting by time keeps it among equal times.
    const auto time_of = [](const auto& moment) { return counting::sortable(moment.time_us); };
    counting::radix_sort(actions_, action_scratch_, time_of);
    write(actions_, Level::second, events_key, rows);
    actions_.clear();
    counting::radix_sort(errors_, error_scratch_, time_of);
    write(errors_, Level::hour, errors_key, rows);
    errors_.clear();
    counting::radix_sort(changes_, change_scratch_, [](const auto& moment) {
        constexpr unsigned kNumberBits = 32;
        return (std::uint64_t{moment.entry.slot.group} << kNumberBits) | moment.entry.slot.number;
    });
    counting::radix_sort(changes_, change_scratch_, time_of);
    write(changes_, Level::minute, states_key, rows);
    changes_.clear();
}

}  // namespace decklog::projections::audit
