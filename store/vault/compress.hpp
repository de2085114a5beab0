// zstd over whole buffers, with a bound on what a buffer may become. Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "domain/event.hpp"
#include "domain/result.hpp"

namespace decklog::store {

[[nodiscard]] domain::Bytes compress(std::span<const std::uint8_t> plain);

/// Errors: corrupt (not one zstd frame that names its size, or larger than `plain_bytes_max`).
[[nodiscard]] domain::Result<domain::Bytes> decompress(std::span<const std::uint8_t> packed,
                                                       std::size_t plain_bytes_max);

}  // namespace decklog::store
