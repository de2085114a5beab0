// WhatsApp bodies as items. Three arrays are nested (entries, changes, messages or statuses or
// groups) and Meta batches freely, so everything is deduplicated by item and one bad item never
// fails its neighbours.
#pragma once

#include "ingest/adapter.hpp"

namespace decklog::ingest::whatsapp {

[[nodiscard]] domain::Decision<Reading> read(const SignedBody& body);

}  // namespace decklog::ingest::whatsapp
