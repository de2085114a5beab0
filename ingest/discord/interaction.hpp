// Discord interactions as items: slash commands, components, modals. An interaction is answered in
// the same breath, so the reader also says which kind of answer Discord waits for.
#pragma once

#include <optional>

#include "ingest/chat_command.hpp"
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

/// What an application command that people type asks for: the names of its sub-commands and the
/// values of its options, in their order. Nullopt: it is another kind of interaction.
[[nodiscard]] std::optional<CommandAsked> command_of(const JsonObject* interaction);

/// Milliseconds since 2015 in the upper bits of every Discord id; 0 when it is none.
[[nodiscard]] std::int64_t snowflake_time_us(std::string_view id);

}  // namespace decklog::ingest::discord
