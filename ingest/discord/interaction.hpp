// Discord interactions as items: slash commands, components, modals. An interaction is answered in
// the same breath, so the reader also says which kind of answer Discord waits for.
#pragma once

#include "ingest/json_view.hpp"
#include "ingest/normalised.hpp"

namespace decklog::ingest::discord {

/// Interaction types of the HTTP API v10.
enum class InteractionType : std::uint8_t {
    ping = 1,
    command = 2,
    component = 3,
    autocomplete = 4,
    modal = 5
};

[[nodiscard]] Item read_interaction(const JsonObject* interaction, std::string_view bytes);

/// Milliseconds since 2015 in the upper bits of every Discord id; 0 when it is none.
[[nodiscard]] std::int64_t snowflake_time_us(std::string_view id);

}  // namespace decklog::ingest::discord
