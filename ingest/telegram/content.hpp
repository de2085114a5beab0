// What a Telegram message holds: its kind as one word of our own table, its text with spans in code
// points, its files.
#pragma once

#include <string_view>

#include "ingest/telegram/update.hpp"

namespace decklog::ingest::telegram {

/// The first kind of the table that the message has; `other` when Telegram has learned a new one.
[[nodiscard]] std::string_view content_kind(const JsonObject* message);

/// Fills text, spans, attachments, and for content without a text of its own the details as they
/// came.
void read_content(const Update& update, Item& item);

/// A command is what Telegram marks as one at the very start; a message without any marks (test
/// tools, forwards) counts by its form, `/word`.
[[nodiscard]] bool is_command(const JsonObject* message);

}  // namespace decklog::ingest::telegram
