// Payload tables to bytes and back. The plain structs (fb::MessageReceivedT, fb::PersonalT, …) are
// generated from events.fbs; empty strings and empty vectors are not written. The bytes of a table
// depend on the FlatBuffers builder, so whoever needs them again keeps them: nothing is ever
// re-serialised. Pure, any thread.
#pragma once

#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "domain/event.hpp"

namespace decklog::domain {

/// encode_payload(fb::TokenRevokedT{…})
template <class Native>
[[nodiscard]] Bytes encode_payload(const Native& native) {
    flatbuffers::FlatBufferBuilder builder(256);
    builder.Finish(Native::TableType::Pack(builder, &native));
    return Bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
}

/// decode_payload<fb::Personal>(bytes): copies to 8-aligned storage, verifies with low limits,
/// unpacks; nullopt when the bytes do not check.
template <class Table>
[[nodiscard]] std::optional<typename Table::NativeTableType> decode_payload(
    std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return std::nullopt;
    std::vector<std::uint64_t> aligned(bytes.size() / sizeof(std::uint64_t) + 1);
    std::memcpy(aligned.data(), bytes.data(), bytes.size());
    const auto* data = reinterpret_cast<const std::uint8_t*>(aligned.data());
    flatbuffers::Verifier verifier(data, bytes.size(), 8, 10'000);
    if (!verifier.VerifyBuffer<Table>(nullptr)) return std::nullopt;
    typename Table::NativeTableType native;
    flatbuffers::GetRoot<Table>(data)->UnPackTo(&native);
    return native;
}

}  // namespace decklog::domain
