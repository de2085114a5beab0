// Builds the FlatBuffers Commit of one frame. Keeps its buffer between frames, so that a steady
// writer allocates nothing for it. One thread at a time.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <optional>
#include <span>
#include <vector>

#include "domain/event.hpp"
#include "store/frame/frame.hpp"

namespace decklog::store {

class CommitEncoder {
  public:
    CommitEncoder();
    /// The finished bytes, valid until the next call. Nested payloads are 8-aligned, so readers
    /// need no copy of them.
    [[nodiscard]] std::span<const std::uint8_t> encode(const std::optional<domain::CommandKey>& key,
                                                       const domain::RequestHash& request_hash,
                                                       std::span<const PlacedEvent> events);

  private:
    using Text = flatbuffers::Offset<flatbuffers::String>;
    using ByteVector = flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>;

    [[nodiscard]] flatbuffers::Offset<fb::Event> event(const PlacedEvent& placed);
    [[nodiscard]] Text text(const std::string& value);
    [[nodiscard]] ByteVector aligned_bytes(const domain::Bytes& value);

    flatbuffers::FlatBufferBuilder builder_;
    std::vector<flatbuffers::Offset<fb::Event>> events_;
};

}  // namespace decklog::store
