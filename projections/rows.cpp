#include "projections/rows.hpp"

#include <iterator>
#include <utility>

#include "domain/check.hpp"
#include "projections/packed_counts.hpp"

namespace decklog::projections {
namespace {

using Map = std::map<std::string, std::string, std::less<>>;

struct Range {
    Map::const_iterator first;
    Map::const_iterator last;
};

Range range_of(const Map& rows, std::string_view begin, std::string_view end) {
    if (!end.empty() && end <= begin) return {rows.end(), rows.end()};
    return {rows.lower_bound(begin), end.empty() ? rows.end() : rows.lower_bound(end)};
}

}  // namespace

std::optional<std::string> MemoryRows::get(std::string_view key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? std::nullopt : std::optional(found->second);
}

void MemoryRows::scan(std::string_view begin, std::string_view end, const RowSink& sink) const {
    const Range range = range_of(rows_, begin, end);
    for (auto row = range.first; row != range.last; ++row) {
        if (!sink(row->first, row->second)) return;
    }
}

void MemoryRows::scan_back(std::string_view begin, std::string_view end,
                           const RowSink& sink) const {
    const Range range = range_of(rows_, begin, end);
    for (auto row = range.last; row != range.first;) {
        --row;
        if (!sink(row->first, row->second)) return;
    }
}

void MemoryRows::put(std::string_view key, std::string_view value) {
    DECKLOG_CHECK(!value.empty());
    rows_.insert_or_assign(std::string(key), std::string(value));
}

void MemoryRows::erase(std::string_view key) {
    const auto found = rows_.find(key);
    if (found != rows_.end()) rows_.erase(found);
}

void MemoryRows::add_counts(std::string_view key, std::string_view packed_delta) {
    const auto found = rows_.find(key);
    const std::string_view before = found == rows_.end() ? std::string_view{} : found->second;
    // Both sides were made by folds of this process, so malformed bytes are a bug here.
    auto after = add(before, packed_delta);
    DECKLOG_CHECK(after.has_value());
    if (after->empty()) {
        if (found != rows_.end()) rows_.erase(found);
    } else if (found != rows_.end()) {
        found->second = *std::move(after);
    } else {
        rows_.emplace(key, *std::move(after));
    }
}

}  // namespace decklog::projections
