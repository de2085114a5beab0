// What Discord posts: interactions (answered inline), webhook events (answered 204) and, from
// services that forward their gateway, `GATEWAY_*` entries. Only interactions are recognised:
// channel messages do not come by webhook.
#pragma once

#include "ingest/adapter.hpp"

namespace decklog::ingest::discord {

[[nodiscard]] domain::Decision<Reading> read(const SignedBody& body);

}  // namespace decklog::ingest::discord
