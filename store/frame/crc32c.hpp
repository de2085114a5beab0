// CRC-32C (Castagnoli), the checksum of a frame. Debian 12 packages no library for it, so this is
// the processor's own instruction where there is one and Boost.CRC elsewhere; a test holds both to
// each other and to the published check value.
#pragma once

#include <cstdint>
#include <span>

namespace decklog::store {

/// Of `bytes`, going on from `before` (the result over what came before; 0 at the start). Pure, any
/// thread.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t before = 0);

/// The same without the processor's instruction, for machines that lack it and for the test.
[[nodiscard]] std::uint32_t crc32c_portable(std::span<const std::uint8_t> bytes,
                                            std::uint32_t before = 0);

}  // namespace decklog::store
