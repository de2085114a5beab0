#include "projections/audit/recent.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "projections/audit/audit_rows.hpp"
#include "projections/counting/pyramid.hpp"
#include "projections/packed_counts.hpp"

namespace decklog::projections::audit {
namespace {

// Packed entries sort by time, then position; their buckets too: the newest are at the back of
// both.
template <class EntryOf>
std::vector<Recent> newest(const RowReader& rows, const std::string& begin, const std::string& end,
                           counting::Level level, std::uint32_t partition, std::size_t limit,
                           const EntryOf& entry_of) {
    std::vector<Recent> recent;
    rows.scan_back(begin, end, [&](std::string_view key, std::string_view packed) {
        const std::int64_t begin_us = counting::begin_of(level, bucket_of_key(key));
        std::vector<Recent> bucket;
        CountReader reader(packed);
        while (const auto count = reader.next()) {
            const auto entry = entry_of(count->key);
            bucket.push_back({begin_us + entry.offset_us, {partition, entry.ordinal}});
        }
        for (auto entry = bucket.rbegin(); entry != bucket.rend(); ++entry) {
            if (recent.size() >= limit) return false;
            recent.push_back(*entry);
        }
        return recent.size() < limit;
    });
    return recent;
}

constexpr std::int64_t kFirstBucket = std::numeric_limits<std::int64_t>::min();

}  // namespace

std::vector<Recent> recent_audit(const RowReader& rows, std::uint32_t partition,
                                 std::size_t limit) {
    return newest(rows, events_key(kFirstBucket), events_key(kLastBucket), counting::Level::second,
                  partition, limit, audit_entry);
}

std::vector<Recent> recent_errors(const RowReader& rows, std::uint32_t partition,
                                  std::size_t limit) {
    return newest(rows, errors_key(kFirstBucket), errors_key(kLastBucket), counting::Level::hour,
                  partition, limit, error_entry);
}

}  // namespace decklog::projections::audit
