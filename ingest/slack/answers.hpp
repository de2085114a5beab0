// What Slack hears within its three seconds. Answers are for the asker alone, ping nobody and, but
// for what decklog itself says, repeat nothing.
#pragma once

#include <string_view>

#include "ingest/inbound.hpp"

namespace decklog::ingest::slack {

/// The handshake of the address.
[[nodiscard]] HookAnswer challenged(std::string_view challenge);
/// That a command was recorded, and where.
[[nodiscard]] HookAnswer recorded_command(std::string_view cursor);
/// A menu must be answered, and decklog has nothing to suggest.
[[nodiscard]] HookAnswer no_options();
/// Lines of text, shown as they are: no name in them is one to Slack. Cut to what fits.
[[nodiscard]] HookAnswer say(std::string_view text);

}  // namespace decklog::ingest::slack
