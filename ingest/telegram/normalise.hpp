// Telegram updates as items. Every update kind has a row in one table; a kind without a row, or one
// that is not what the Bot API says, is stored as `unrecognised` under its key.
#pragma once

#include "ingest/adapter.hpp"

namespace decklog::ingest::telegram {

[[nodiscard]] domain::Decision<Reading> read(const SignedBody& body);

}  // namespace decklog::ingest::telegram
