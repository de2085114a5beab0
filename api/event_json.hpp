// An event in JSON, the same everywhere: `decklog events --json`, /api/events, streams, SSE data
// (contract, "An event in JSON"). One object on one line; optional members are absent when unset.
// Any thread.
#pragma once

#include <string>

#include "api/json_writer.hpp"
#include "api/sealed_part.hpp"
#include "domain/event.hpp"
#include "domain/ids.hpp"

namespace decklog::api {

void write_event(JsonWriter& json, const domain::EventView& event, const domain::LedgerId& ledger,
                 const Opener& opener);
[[nodiscard]] std::string event_json(const domain::EventView& event, const domain::LedgerId& ledger,
                                     const Opener& opener);

}  // namespace decklog::api
