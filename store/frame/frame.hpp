// One frame: the 64-byte little-endian header and the FlatBuffers Commit, the same bytes in RocksDB
// and in Kafka (design §3). Encoding pads the body to 8; decoding checks in order: length, CRC, the
// must-understand fields, then the FlatBuffers verifier with low limits. Bytes are kept and hashed
// as received, never re-serialised. Pure, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/frame/frame_slab.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

inline constexpr std::uint32_t kFrameMagic = 0x474C4B44;  // "DKLG"
inline constexpr std::size_t kHeaderBytes = 64;

struct FrameHeader {
    std::uint16_t flags = 0;
    std::uint32_t body_length = 0;
    std::uint32_t crc32c = 0;
    std::uint32_t partition = 0;
    std::uint32_t event_count = 0;
    std::uint64_t first_position = 0;
    std::int64_t recorded_at_us = 0;
    std::uint64_t ledger = 0;  // first 8 bytes of the ledger id
};

/// An event that the writer has given its place.
struct PlacedEvent {
    const domain::NewEvent* event = nullptr;
    domain::EventId id;
    std::uint64_t stream_version = 0;
};

/// Stands in one allocation with its bytes, in front of them.
class Frame {
  public:
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    /// Encodes one commit.
    [[nodiscard]] static FramePtr encode(const domain::LedgerId& ledger, domain::Position first,
                                         std::int64_t recorded_at_us,
                                         const std::optional<domain::CommandKey>& key,
                                         const domain::RequestHash& request_hash,
                                         std::span<const PlacedEvent> events);
    /// Copies the bytes to 8-aligned storage, of the slab if there is one, and verifies them.
    /// Errors: corrupt, other_format (names the field).
    [[nodiscard]] static domain::Result<FramePtr> decode(std::span<const std::uint8_t> bytes,
                                                         FrameSlab* slab = nullptr);

    [[nodiscard]] const FrameHeader& header() const { return header_; }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }  // with the header
    [[nodiscard]] std::span<const std::uint8_t> header_bytes() const {
        return bytes().first(kHeaderBytes);
    }
    [[nodiscard]] std::span<const std::uint8_t> body_bytes() const {
        return bytes().subspan(kHeaderBytes);
    }
    [[nodiscard]] std::size_t event_count() const { return header_.event_count; }
    [[nodiscard]] domain::Position first() const {
        return {header_.partition, header_.first_position};
    }
    [[nodiscard]] domain::Position last() const {
        return {header_.partition, header_.first_position + header_.event_count - 1};
    }
    [[nodiscard]] domain::EventView event(std::size_t index) const;
    [[nodiscard]] std::optional<domain::CommandKey> command_key() const;
    [[nodiscard]] domain::RequestHash request_hash() const;

  private:
    Frame() = default;
    /// With room for `size` bytes, a multiple of 8, not set to anything.
    [[nodiscard]] static std::shared_ptr<Frame> with_room(std::size_t size, FrameSlab* slab);

    FrameHeader header_;
    std::span<std::uint8_t> bytes_;  // 8-aligned
};

/// BLAKE2b-256 of the body: most of a chain step, and the part that needs no other frame.
[[nodiscard]] domain::Bytes32 body_digest(const Frame& frame);
/// One chain step: BLAKE2b-256, personal "decklog-chain-1" zero-padded to 16, over previous head,
/// header, BLAKE2b-256(body).
[[nodiscard]] domain::Bytes32 chain_step(const domain::Bytes32& previous, const Frame& frame,
                                         const domain::Bytes32& body);
[[nodiscard]] inline domain::Bytes32 chain_step(const domain::Bytes32& previous,
                                                const Frame& frame) {
    return chain_step(previous, frame, body_digest(frame));
}

}  // namespace decklog::store
