// Answers as words: what a refusal says when it has nothing of its own to say, and how metrics
// count an answer. Pure.
#pragma once

#include <string_view>

#include "store/ledger.hpp"

namespace decklog::store {

/// The stable word of the API: queue_full, disk_low, …
[[nodiscard]] std::string_view word_of(Refused kind);
/// accepted, noted, repeated, or the word of its refusal.
[[nodiscard]] std::string_view word_of(const Answer& answer);
/// A refusal with its kind's own code and message.
[[nodiscard]] Refusal plain_refusal(Refused kind);

}  // namespace decklog::store
