// Second half of verify: one pass over each index family, and, only when its sum is not the
// demanded one, the search for the first row that is missing, differs, or belongs to nothing.
#pragma once

#include <atomic>

#include "store/verify/verify_log.hpp"

namespace decklog::store {

struct IndexPass {
    explicit IndexPass(const RowSumKey& key) : held(key) {}
    FamilySums held;
    std::uint64_t streams = 0, raw_bodies = 0;
    std::optional<Fault> fault;     // odd rows, versions with a gap, unreadable blocks
    std::optional<Fault> unread{};  // what could not be read: nothing is to be said of its rows
};

/// Reads every index family of a partition and counts the raw bodies, until `ended` from outside.
[[nodiscard]] IndexPass pass_over_indexes(const RowReader& rows, std::uint32_t partition,
                                          const RowSumKey& key, const std::atomic<bool>& ended);

/// Where the rows of `family` stop being what the log demands. Called only when the sums differ.
[[nodiscard]] Fault find_difference(const RowReader& rows, std::uint32_t partition,
                                    RowFamily family);

}  // namespace decklog::store
