// What the edges ask before they make anybody new: is this in the log already? A repeat is answered
// by the writer from its command key alone, so it needs no subject, and must not make one for whom
// an erasure has forgotten since.
#pragma once

#include <string>

#include "domain/decider.hpp"
#include "domain/result.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

/// Will the writer answer it with what it said before, or refuse it as a conflict, whatever its
/// intent is? Keys are kept for ever, so a yes stays one; a no may be out of date. Any thread.
/// Errors: io, corrupt.
[[nodiscard]] domain::Result<bool> adds_nothing(const Ledger& ledger, const Submission& submission);

/// For a submission that adds nothing: it is answered by its key.
[[nodiscard]] domain::Intent no_intent(std::string command);

}  // namespace decklog::store
