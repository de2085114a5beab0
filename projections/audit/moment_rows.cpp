#include "projections/audit/moment_rows.hpp"

#include <algorithm>
#include <string>

#include "projections/counting/pyramid.hpp"
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
    entry.offset_us = offset_in(Level::minute, time_us);
    actions_.push_back({bucket_of(Level::minute, time_us), entry, 1});
}

void MomentRows::add_error(std::int64_t time_us, std::uint64_t ordinal) {
    errors_.push_back(
        {bucket_of(Level::hour, time_us), {offset_in(Level::hour, time_us), ordinal}, 1});
}

void MomentRows::add_change(std::int64_t time_us, counting::Slot slot, std::int64_t count) {
    changes_.push_back(
        {bucket_of(Level::minute, time_us), {offset_in(Level::minute, time_us), slot}, count});
}

template <class Entry, class KeyOf>
void MomentRows::write(std::vector<At<Entry>>& all, const KeyOf& key_of, RowWriter& rows) {
    std::sort(all.begin(), all.end(), [](const At<Entry>& left, const At<Entry>& right) {
        return left.bucket != right.bucket ? left.bucket < right.bucket
                                           : before(left.entry, right.entry);
    });
    std::string bytes;
    for (std::size_t i = 0; i < all.size();) {
        const std::int64_t bucket = all[i].bucket;
        CountWriter packed;
        while (i < all.size() && all[i].bucket == bucket) {
            const Entry& entry = all[i].entry;
            std::int64_t count = 0;
            for (; i < all.size() && all[i].bucket == bucket && !before(entry, all[i].entry); ++i) {
                count += all[i].count;
            }
            bytes.clear();
            put(bytes, entry);
            packed.append(bytes, count);
        }
        rows.add_counts(key_of(bucket), std::move(packed).take());
    }
    all.clear();
}

void MomentRows::finish(RowWriter& rows) {
    write(actions_, events_key, rows);
    write(errors_, errors_key, rows);
    write(changes_, states_key, rows);
}

}  // namespace decklog::projections::audit
