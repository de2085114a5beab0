// Slack signs `v0:{timestamp}:{raw body}` with HMAC-SHA256. As with Discord the signature is
// checked before the age. A retry header is never a reason to drop: a delivery that we lost comes
// again under the same event_id.
#pragma once

#include <span>
#include <string>

#include "ingest/adapter.hpp"

namespace decklog::ingest::slack {

[[nodiscard]] Verification verify(const HookRequest& request,
                                  std::span<const std::string> signing_secrets,
                                  std::int64_t now_us);

}  // namespace decklog::ingest::slack
