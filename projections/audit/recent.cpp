#include "projections/audit/recent.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "projections/audit/audit_rows.hpp"
#include "projections/packed_counts.hpp"

namespace decklog::projections::audit {
namespace {

// Packed entries sort by time, then position; their buckets too: the newest are at the back of
// both.
template <class OrdinalOf>
std::vector<domain::Position> newest(const RowReader& rows, const std::string& begin,
                                     const std::string& end, std::size_t limit,
                                     const OrdinalOf& ordinal_of) {
    std::vector<domain::Position> positions;
    rows.scan_back(begin, end, [&](std::string_view, std::string_view packed) {
        std::vector<std::uint64_t> ordinals;
        CountReader reader(packed);
        while (const auto entry = reader.next()) ordinals.push_back(ordinal_of(entry->key));
        for (auto ordinal = ordinals.rbegin(); ordinal != ordinals.rend(); ++ordinal) {
            if (positions.size() >= limit) return false;
            positions.push_back({0, *ordinal});
        }
        return positions.size() < limit;
    });
    return positions;
}

constexpr std::int64_t kFirstBucket = std::numeric_limits<std::int64_t>::min();

}  // namespace

std::vector<domain::Position> recent_audit(const RowReader& rows, std::size_t limit) {
    return newest(rows, events_key(kFirstBucket), events_key(kLastBucket), limit,
                  [](std::string_view key) { return audit_entry(key).ordinal; });
}

std::vector<domain::Position> recent_errors(const RowReader& rows, std::size_t limit) {
    return newest(rows, errors_key(kFirstBucket), errors_key(kLastBucket), limit,
                  [](std::string_view key) { return error_entry(key).ordinal; });
}

}  // namespace decklog::projections::audit
