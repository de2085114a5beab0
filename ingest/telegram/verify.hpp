// Telegram signs nothing: it sends back the secret that was given with setWebhook. There is no
// timestamp, so only the update_id tells a replay (Bot API, setWebhook).
#pragma once

#include <span>
#include <string>

#include "ingest/adapter.hpp"

namespace decklog::ingest::telegram {

[[nodiscard]] Verification verify(const HookRequest& request, std::span<const std::string> secrets);

}  // namespace decklog::ingest::telegram
