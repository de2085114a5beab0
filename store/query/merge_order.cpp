#include "store/query/merge_order.hpp"

namespace decklog::store {
namespace {

struct Next {
    std::uint32_t partition = 0;
    std::int64_t recorded_at_us = 0;
    bool is_known = false;  // an event; else what may be behind the last one
};

bool comes_first(const Next& left, const Next& right, Order order) {
    const Next& first = order == Order::ascending ? left : right;
    const Next& second = order == Order::ascending ? right : left;
    return first.recorded_at_us != second.recorded_at_us
               ? first.recorded_at_us < second.recorded_at_us
               : first.partition < second.partition;
}

}  // namespace

std::vector<std::uint32_t> merge_order(std::span<const PartitionTimes> partitions, Order order) {
    std::vector<std::uint32_t> merged;
    std::vector<std::size_t> given(partitions.size());
    while (true) {
        std::optional<Next> first;
        for (std::uint32_t partition = 0; partition < partitions.size(); ++partition) {
            const PartitionTimes& times = partitions[partition];
            const std::size_t at = given[partition];
            const bool is_known = at < times.recorded_at_us.size();
            if (!is_known && !times.read_to_us) continue;
            const Next next{partition, is_known ? times.recorded_at_us[at] : *times.read_to_us,
                            is_known};
            if (!first || comes_first(next, *first, order)) first = next;
        }
        if (!first || !first->is_known) return merged;
        merged.push_back(first->partition);
        ++given[first->partition];
    }
}

}  // namespace decklog::store
