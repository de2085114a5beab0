// Rows as a fold sees them: what it changed in the batch at hand, what it remembers of earlier
// ones, else what is stored. What is remembered saves reading and never shows in the rows. One
// thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "projections/rows.hpp"

namespace decklog::projections::rollout {

class RowCache {
  public:
    explicit RowCache(const RowReader& rows) : rows_(rows) {}

    /// nullopt: there is no such row.
    [[nodiscard]] const std::optional<std::string>& get(const std::string& key);
    void put(const std::string& key, std::string value);
    void erase(const std::string& key);
    /// Every row that begins with the prefix, stored or only here.
    void erase_all(const std::string& prefix);
    /// Writes what changed since the last time.
    void finish(RowWriter& rows);

  private:
    struct Row {
        std::optional<std::string> value;
        bool has_changed = false;
    };

    const RowReader& rows_;
    std::unordered_map<std::string, Row> known_;
};

}  // namespace decklog::projections::rollout
