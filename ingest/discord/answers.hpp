// What Discord hears within its three seconds. Answers are for the asker alone, ping nobody and
// repeat nothing that a person wrote; a redelivery gets the same answer, since it names the same
// position.
#pragma once

#include <string_view>

#include "ingest/inbound.hpp"

namespace decklog::ingest::discord {

[[nodiscard]] HookAnswer pong();
/// Type 4, ephemeral: what was recorded and where.
[[nodiscard]] HookAnswer recorded(std::string_view what, std::string_view cursor);
/// The same kind: lines of text, shown as they are, cut to what fits.
[[nodiscard]] HookAnswer say(std::string_view text);
/// Type 8 without choices: an autocomplete must be answered, and decklog has nothing to suggest.
[[nodiscard]] HookAnswer no_choices();

}  // namespace decklog::ingest::discord
