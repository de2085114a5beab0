// A step of the chain from the parts of a frame, for who has hashed bodies ahead.
#pragma once

#include <span>

#include "store/frame/frame.hpp"

namespace decklog::store {

/// As in frame.hpp; `body` is the digest of the body.
[[nodiscard]] domain::Bytes32 chain_step(const domain::Bytes32& previous,
                                         std::span<const std::uint8_t, kHeaderBytes> header,
                                         const domain::Bytes32& body);

}  // namespace decklog::store
