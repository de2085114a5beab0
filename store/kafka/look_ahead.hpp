// What can be known of records before their turn: most of the work of taking a commit needs none of
// the records before it. A node far behind has it done for a whole batch by several threads.
#pragma once

#include <span>
#include <vector>

#include "store/frame/frame.hpp"
#include "store/kafka/record.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store::kafka {

struct Ahead {
    FramePtr frame;                        // nullptr: nothing is known of this record
    domain::Bytes32 body{};                // digest of the frame's body
    std::vector<domain::Bytes16> streams;  // hash of each event's stream
    bool is_new_key = true;                // the rows have no commit with its command key
};

/// One for each record, in order. Says nothing of records that are no sound commit: what is wrong
/// with them is found in their turn, if it matters then. Nothing of the partition is
/// written meanwhile.
[[nodiscard]] std::vector<Ahead> look_ahead(const RowReader& rows, std::uint32_t partition,
                                            std::span<const Fetched> records);

}  // namespace decklog::store::kafka
