// The 64 bytes in front of every commit, little-endian, field by field:
//
// clang-format off
//    0 magic u32        4 format u8 = 1     5 codec u8 = 0        6 flags u16
//    8 body_length u32  12 crc32c u32       16 partition u32      20 event_count u32
//   24 first_position u64                   32 recorded_at i64 (microseconds)
//   40 ledger u64 (start of the ledger id)  48 sixteen zero bytes
// clang-format on
//
// The low byte of flags may be ignored by an older reader. Everything else that it does not know
// (format, codec, the high byte of flags, the reserved bytes) changes what the bytes mean, so it
// stops the partition by name. Pure.
#pragma once

#include <span>

#include "domain/result.hpp"
#include "store/frame/frame.hpp"

namespace decklog::store {

inline constexpr std::uint8_t kFrameFormat = 1;
inline constexpr std::uint8_t kFrameCodecNone = 0;

void write_header(const FrameHeader& header, std::span<std::uint8_t, kHeaderBytes> bytes);

/// Fields only; nothing is judged.
[[nodiscard]] FrameHeader read_header(std::span<const std::uint8_t, kHeaderBytes> bytes);

/// CRC-32C over the header with its CRC field zero, then the body.
[[nodiscard]] std::uint32_t frame_crc(std::span<const std::uint8_t, kHeaderBytes> header,
                                      std::span<const std::uint8_t> body);

/// What a frame's header says of its ledger: the first 8 bytes of the id.
[[nodiscard]] std::uint64_t ledger_prefix(const domain::LedgerId& ledger);

/// other_format, naming the field, when this release must not go on; call after the CRC has
/// checked.
[[nodiscard]] domain::Result<void> must_understand(
    std::span<const std::uint8_t, kHeaderBytes> header);

}  // namespace decklog::store
