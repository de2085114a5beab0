// Some bodies carry values that whoever holds them may act with (Discord's interaction token,
// Slack's response_url): they are blanked before a body is kept. The copy has the same length, so
// its other bytes stay where they were. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace decklog::ingest {

/// The body with the string values of these keys, at any depth, as asterisks. JSON, or a form whose
/// field `payload` may hold JSON. `body` has been parsed before.
[[nodiscard]] std::string blanked(std::string_view body, bool is_form,
                                  std::span<const std::string_view> keys);

}  // namespace decklog::ingest
