// One element of `statuses`: how far a message that we sent has come. Statuses arrive out of order
// and some never come, so each carries its rank and a fold keeps the highest.
#pragma once

#include "ingest/whatsapp/change.hpp"

namespace decklog::ingest::whatsapp {

[[nodiscard]] Item read_status(const Change& change, const Element& element);

}  // namespace decklog::ingest::whatsapp
