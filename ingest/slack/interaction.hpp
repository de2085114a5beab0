// Slack's forms as items: slash commands, and the JSON in `payload` of buttons, menus, modals and
// shortcuts. None of them has an id that may be kept (trigger_id is a bearer value), so they are
// known by their content.
#pragma once

#include "ingest/chat_command.hpp"
#include "ingest/form.hpp"
#include "ingest/json_view.hpp"
#include "ingest/normalised.hpp"

namespace decklog::ingest::slack {

/// What a slash command asks for, as it was typed, whatever the command is called.
[[nodiscard]] CommandAsked command_of(const Form& form);
[[nodiscard]] Item read_slash(const Form& form, std::string_view bytes);
/// `payload_text` is the decoded JSON, `bytes` the whole form.
[[nodiscard]] Item read_payload(const JsonObject* payload, std::string_view payload_text,
                                std::string_view bytes);

}  // namespace decklog::ingest::slack
