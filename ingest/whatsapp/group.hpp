// One element of `groups`: who was added, who was removed. Each person named becomes one item, so
// that each can be forgotten alone. Other changes of a group are stored as `unrecognised` under the
// change's field.
#pragma once

#include "ingest/whatsapp/change.hpp"

namespace decklog::ingest::whatsapp {

[[nodiscard]] std::vector<Item> read_group(const Change& change, const Element& element);

}  // namespace decklog::ingest::whatsapp
