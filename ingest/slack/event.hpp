// One event of Slack's Events API as an item.
//
// An utterance that mentions the app reaches us twice when the app listens to the channel as well:
// as `message` and as `app_mention`, each under an event_id of its own. The `message` is what was
// said and counts as such; the `app_mention` is an address to the app, filed as a command with
// surface `mention` under the same message id. So a room shows one row and a message is counted
// once, and an app that only hears mentions misses none.
#pragma once

#include "ingest/json_view.hpp"
#include "ingest/normalised.hpp"

namespace decklog::ingest::slack {

/// `callback` is the outer object; `bytes` the whole body.
[[nodiscard]] Item read_event(const JsonObject* callback, std::string_view bytes);

}  // namespace decklog::ingest::slack
