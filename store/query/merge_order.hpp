// The order of events of several partitions in one answer: recorded_at, partition, ordinal. Each
// partition stays in its own order; across them only time decides. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "store/ledger.hpp"

namespace decklog::store {

/// What was read of one partition, in scan order.
struct PartitionTimes {
    std::vector<std::int64_t> recorded_at_us{};
    /// When the last event that was looked at was recorded, while there may be more behind it: none
    /// of those comes before this time.
    std::optional<std::int64_t> read_to_us{};
};

/// Which partition gives the next event, as far as that is certain: where one ends that may have
/// more, the others wait for it. The one whose end comes first always gives all that it has.
[[nodiscard]] std::vector<std::uint32_t> merge_order(std::span<const PartitionTimes> partitions,
                                                     Order order);

}  // namespace decklog::store
