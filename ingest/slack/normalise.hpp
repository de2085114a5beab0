// What Slack posts: Events API callbacks and url_verification as JSON, slash commands and
// interactions as forms.
#pragma once

#include "ingest/adapter.hpp"

namespace decklog::ingest::slack {

[[nodiscard]] domain::Decision<Reading> read(const SignedBody& body);

}  // namespace decklog::ingest::slack
