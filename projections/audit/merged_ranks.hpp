// Ranked counts of several partitions as one list: the counts of a key are added, then all keys are
// ranked anew, so the lists that go in must be whole. Pure, any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "projections/audit/audit_query.hpp"
#include "projections/audit/observability.hpp"

namespace decklog::projections::audit {

/// What an item counts, in the order in which equal counts are listed.
inline auto ranked_by(const KeyCount& item) { return std::tuple(item.key); }
inline auto ranked_by(const AgentCount& item) { return std::tuple(item.actor_type, item.agent_id); }
inline auto ranked_by(const FailureCount& item) {
    return std::tuple(item.platform, item.stage, item.action);
}
inline auto ranked_by(const AuditCount& item) { return std::tuple(item.actor_type, item.key); }

/// Count descending, then by key; the first `limit` of them, 0: all.
template <class Item>
[[nodiscard]] std::vector<Item> merged_ranks(const std::vector<const std::vector<Item>*>& lists,
                                             std::size_t limit) {
    std::map<decltype(ranked_by(Item{})), Item> sums;
    for (const std::vector<Item>* list : lists) {
        for (const Item& item : *list) {
            const auto [sum, is_new] = sums.try_emplace(ranked_by(item), item);
            if (!is_new) sum->second.count += item.count;
        }
    }
    std::vector<Item> ranks;
    for (auto& [key, item] : sums) ranks.push_back(std::move(item));
    // They are in the order of their keys already.
    std::stable_sort(ranks.begin(), ranks.end(),
                     [](const Item& left, const Item& right) { return left.count > right.count; });
    if (limit != 0 && ranks.size() > limit) ranks.resize(limit);
    return ranks;
}

}  // namespace decklog::projections::audit
