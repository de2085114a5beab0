// Discord signs with Ed25519 over timestamp and raw body. It states no replay window; ours is 300
// s. The signature is checked before the age, so that "stale" is only ever said of something
// Discord did sign.
#pragma once

#include <span>
#include <string>

#include "ingest/adapter.hpp"

namespace decklog::ingest::discord {

/// `public_keys` are 64 hex digits each; one that is not never verifies anything.
[[nodiscard]] Verification verify(const HookRequest& request,
                                  std::span<const std::string> public_keys, std::int64_t now_us);

}  // namespace decklog::ingest::discord
