#include "store/query/time_window.hpp"

#include <queue>

namespace decklog::store {

domain::Result<std::vector<std::uint64_t>> next_in_window(const LogReader& log,
                                                          const EventFilter& filter,
                                                          const Stretch& stretch, Order order,
                                                          std::size_t count_max) {
    // In scan order; the heap's top is what comes last and is the first to make room.
    const auto comes_first = [order](std::uint64_t a, std::uint64_t b) {
        return order == Order::ascending ? a < b : b < a;
    };
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, decltype(comes_first)> nearest(
        comes_first);
    IndexKey key{IndexKey::Kind::time};
    key.since_us = filter.since_us;
    key.until_us = filter.until_us;
    const auto scanned = log.scan(stretch.partition, key, Order::ascending, std::nullopt,
                                  [&](domain::Position position) {
                                      if (!stretch.contains(position.ordinal)) return true;
                                      nearest.push(position.ordinal);
                                      if (nearest.size() > count_max) nearest.pop();
                                      return true;
                                  });
    if (!scanned) return tl::unexpected(scanned.error());
    std::vector<std::uint64_t> ordinals(nearest.size());
    for (std::size_t i = ordinals.size(); i-- > 0; nearest.pop()) ordinals[i] = nearest.top();
    return ordinals;
}

}  // namespace decklog::store
