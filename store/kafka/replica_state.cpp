#include "store/kafka/replica_state.hpp"

#include <algorithm>

#include "store/kafka/transport_bytes.hpp"
#include "store/rows/keys.hpp"

namespace decklog::store::kafka {
namespace {

std::string text(const flatbuffers::String* string) {
    return string == nullptr ? std::string() : string->str();
}

}  // namespace

domain::Bytes16 record_hash(std::span<const std::uint8_t> record) {
    return text_hash({reinterpret_cast<const char*>(record.data()), record.size()});
}

domain::Result<void> check_topic(const ReplicaState& state, std::int64_t end,
                                 std::span<const std::uint8_t> last) {
    if (end < state.next_offset) {
        return domain::fail(
            domain::ErrorCode::corrupt,
            "the topic ends at offset " + std::to_string(end) + ", this node has applied up to " +
                std::to_string(state.next_offset) + ": it was cut, or is another topic");
    }
    if (state.next_offset > 0 && record_hash(last) != state.last_record) {
        return domain::fail(domain::ErrorCode::corrupt,
                            "the record at offset " + std::to_string(state.next_offset - 1) +
                                " is not the one that this node applied: another topic");
    }
    return {};
}

std::string encode_state(const ReplicaState& state) {
    flatbuffers::FlatBufferBuilder builder;
    const auto owner = fb::CreateAnnouncement(builder, builder.CreateString(state.owner.url),
                                              builder.CreateString(state.owner.build),
                                              state.owner.level, state.owner.fills);
    const fb::Hash16 last_record = hash16(state.last_record);
    std::optional<fb::LiveEpoch> live;
    if (state.live) {
        live.emplace(state.live->offset, hash16(state.live->nonce.bytes), state.live->next_seq,
                     state.live->is_broken);
    }
    builder.Finish(fb::CreateReplicaState(builder, state.next_offset, &last_record,
                                          live ? &*live : nullptr, owner));
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::optional<ReplicaState> decode_state(std::string_view value) {
    const domain::Bytes aligned(value.begin(), value.end());
    flatbuffers::Verifier verifier(aligned.data(), aligned.size());
    if (!verifier.VerifyBuffer<fb::ReplicaState>(nullptr)) return std::nullopt;
    const auto* stored = flatbuffers::GetRoot<fb::ReplicaState>(aligned.data());
    if (stored->last_record() == nullptr) return std::nullopt;
    ReplicaState state;
    state.next_offset = stored->next_offset();
    state.last_record = bytes16(*stored->last_record());
    if (const auto* live = stored->live()) {
        state.live =
            Epoch{live->offset(), {bytes16(live->nonce())}, live->next_seq(), live->is_broken()};
    }
    if (const auto* owner = stored->owner())
        state.owner = {text(owner->url()), text(owner->build()), owner->level(), owner->fills()};
    return state;
}

}  // namespace decklog::store::kafka
