// Telegram's Message: text, media, service messages. One message may say that several people came,
// and a command is a message too: it is filed as the command alone (one item, one event), with its
// message id, so that rooms still list it.
#pragma once

#include <vector>

#include "ingest/telegram/update.hpp"

namespace decklog::ingest::telegram {

[[nodiscard]] std::vector<Item> read_message(const Update& update);
[[nodiscard]] std::vector<Item> read_edited_message(const Update& update);

}  // namespace decklog::ingest::telegram
