// What a node keeps of the vault's topic beside the rows it made of it: where to read on, and under
// what it finds the topic again. One row of the local copy, written in the batch of every record.
// Offsets have holes where compaction was, so what a topic is known by is its first record: the
// master key that stands, which nothing ever erases. Pure, any thread.
#pragma once

#include <optional>
#include <string>

#include "store/kafka/record.hpp"
#include "store/vault/seal.hpp"

namespace decklog::store::kafka {

struct VaultState {
    std::int64_t next_offset = 0;
    domain::Bytes16 last_record{};   // the newest that was read
    std::int64_t first_offset = -1;  // of the first record; -1: none was read yet
    domain::Bytes16 first_record{};
    KeyId key{};                  // names the vault key
    std::int64_t seen_at_us = 0;  // when this node last knew all that the topic said

    [[nodiscard]] bool is_begun() const { return first_offset >= 0; }
};

/// A record under which a node finds the topic that it read before again.
[[nodiscard]] domain::Bytes16 vault_record_hash(const Fetched& record);

/// Is this the topic that was read, and does it still hold what was? `end`: the offset of its next
/// record; `first`, `last`: the first record at or behind first_offset, and at or behind
/// next_offset - 1. Errors: corrupt.
[[nodiscard]] domain::Result<void> check_vault_topic(const VaultState& state, std::int64_t end,
                                                     const std::optional<Fetched>& first,
                                                     const std::optional<Fetched>& last);

[[nodiscard]] std::string encode_vault_state(const VaultState& state);
/// nullopt: not the bytes of a state.
[[nodiscard]] std::optional<VaultState> decode_vault_state(std::string_view value);

}  // namespace decklog::store::kafka
