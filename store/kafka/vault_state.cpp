#include "store/kafka/vault_state.hpp"

#include <algorithm>

#include "store/kafka/replica_state.hpp"
#include "store/kafka/transport_bytes.hpp"

namespace decklog::store::kafka {
namespace {

tl::unexpected<domain::Error> corrupt(std::string what) {
    return domain::fail(domain::ErrorCode::corrupt, "the vault's topic " + std::move(what));
}

}  // namespace

domain::Bytes16 vault_record_hash(const Fetched& record) {
    domain::Bytes bytes = record.key;
    bytes.insert(bytes.end(), record.bytes.begin(), record.bytes.end());
    return record_hash(bytes);
}

domain::Result<void> check_vault_topic(const VaultState& state, std::int64_t end,
                                       const std::optional<Fetched>& first,
                                       const std::optional<Fetched>& last) {
    if (!state.is_begun()) return {};
    if (end < state.next_offset) {
        return corrupt("ends at offset " + std::to_string(end) + ", this node has read up to " +
                       std::to_string(state.next_offset) + ": it was cut, or is another topic");
    }
    const bool begins_the_same = first && first->offset == state.first_offset &&
                                 vault_record_hash(*first) == state.first_record;
    if (!begins_the_same) return corrupt("does not begin with the record that this node knows");
    // One that compaction took is not held against it.
    const bool is_there = last && last->offset == state.next_offset - 1;
    if (is_there && vault_record_hash(*last) != state.last_record) {
        return corrupt("holds another record at offset " + std::to_string(state.next_offset - 1) +
                       " than this node has read: it was cut");
    }
    return {};
}

std::string encode_vault_state(const VaultState& state) {
    flatbuffers::FlatBufferBuilder builder;
    const fb::Hash16 last = hash16(state.last_record);
    const fb::Hash16 first = hash16(state.first_record);
    const fb::Hash16 key = hash16(state.key.bytes);
    builder.Finish(fb::CreateVaultState(builder, state.next_offset, &last, state.first_offset,
                                        &first, &key, state.seen_at_us));
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::optional<VaultState> decode_vault_state(std::string_view value) {
    const domain::Bytes aligned(value.begin(), value.end());
    flatbuffers::Verifier verifier(aligned.data(), aligned.size());
    if (!verifier.VerifyBuffer<fb::VaultState>(nullptr)) return std::nullopt;
    const auto* stored = flatbuffers::GetRoot<fb::VaultState>(aligned.data());
    if (stored->last_record() == nullptr || stored->first_record() == nullptr ||
        stored->key() == nullptr)
        return std::nullopt;
    VaultState state;
    state.next_offset = stored->next_offset();
    state.last_record = bytes16(*stored->last_record());
    state.first_offset = stored->first_offset();
    state.first_record = bytes16(*stored->first_record());
    state.key = {bytes16(*stored->key())};
    state.seen_at_us = stored->seen_at_us();
    return state;
}

}  // namespace decklog::store::kafka
