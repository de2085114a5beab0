// Answers as words: what a refusal says when it has nothing of its own to say, and how metrics
// count an answer. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "store/ledger.hpp"

namespace decklog::store {

/// The stable word of the API: queue_full, disk_low, …
[[nodiscard]] std::string_view word_of(Refused kind);
/// accepted, noted, repeated, or the word of its refusal.
[[nodiscard]] std::string_view word_of(const Answer& answer);
/// Why a ledger in this state takes nothing new, though it could say so only after the vault was
/// written to; nothing when it may.
[[nodiscard]] std::optional<Refused> refusal_of_new(WriterState state);
/// A refusal with its kind's own code and message.
[[nodiscard]] Refusal plain_refusal(Refused kind);

}  // namespace decklog::store
