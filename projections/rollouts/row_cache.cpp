#include "projections/rollouts/row_cache.hpp"

#include <map>

#include "projections/limits.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections::rollout {

const std::optional<std::string>& RowCache::get(const std::string& key) {
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second.value;
    return known_.emplace(key, Row{rows_.get(key), false}).first->second.value;
}

void RowCache::put(const std::string& key, std::string value) {
    known_[key] = Row{std::move(value), true};
}

void RowCache::erase(const std::string& key) { known_[key] = Row{std::nullopt, true}; }

void RowCache::erase_all(const std::string& prefix) {
    for (auto& [key, row] : known_) {
        if (key.starts_with(prefix)) row = Row{std::nullopt, true};
    }
    rows_.scan(prefix, end_of_prefix(prefix), [this](std::string_view key, std::string_view) {
        known_[std::string(key)] = Row{std::nullopt, true};
        return true;
    });
}

void RowCache::finish(RowWriter& rows) {
    std::map<std::string_view, Row*> changed;  // in key order, which the writer likes best
    for (auto& [key, row] : known_) {
        if (row.has_changed) changed.emplace(key, &row);
    }
    for (const auto& [key, row] : changed) {
        if (row->value) {
            rows.put(key, *row->value);
        } else {
            rows.erase(key);
        }
        row->has_changed = false;
    }
    if (known_.size() > limits::kRolloutRowsKept) known_.clear();
}

}  // namespace decklog::projections::rollout
