// One element of `messages`: text, media, replies to buttons, reactions, edits, revokes, changes of
// number.
#pragma once

#include "ingest/whatsapp/change.hpp"

namespace decklog::ingest::whatsapp {

[[nodiscard]] Item read_message(const Change& change, const Element& element);

}  // namespace decklog::ingest::whatsapp
