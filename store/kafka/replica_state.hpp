// What a node keeps of a partition beside the rows it made of it: where to read on, which epoch
// lives, and whose it is. One row of `meta`, written in the batch of every record, dropped ones too
// (design §7). Pure, any thread.
#pragma once

#include <optional>
#include <string>

#include "store/kafka/judgement.hpp"

namespace decklog::store::kafka {

struct ReplicaState {
    std::int64_t next_offset = 0;   // of the topic's partition
    domain::Bytes16 last_record{};  // hash of the record before it
    std::optional<Epoch> live;      // nullopt before the first announce
    Announcement owner;             // of the live epoch
};

/// A record under which a node finds the topic that it read before again.
[[nodiscard]] domain::Bytes16 record_hash(std::span<const std::uint8_t> record);

/// Does the topic still hold what this node has read of it? `end` is the offset of its next record,
/// `last` the record before the node's next offset (empty when there is none). Errors: corrupt: cut
/// behind what was applied, or not the topic that was read.
[[nodiscard]] domain::Result<void> check_topic(const ReplicaState& state, std::int64_t end,
                                               std::span<const std::uint8_t> last);

[[nodiscard]] std::string encode_state(const ReplicaState& state);
/// nullopt: not the bytes of a state.
[[nodiscard]] std::optional<ReplicaState> decode_state(std::string_view value);

}  // namespace decklog::store::kafka
