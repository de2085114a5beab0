// What the edges ask before they make anybody new: does the vault know all of these, and for how
// long?
#pragma once

#include <optional>
#include <span>

#include "domain/result.hpp"
#include "store/vault/vault.hpp"

namespace decklog::store {

/// As Vault::subjects_for, and makes nobody new: nullopt when one of them is not known (any more).
/// Waits for an erasure at work on one of them, so that a yes stays one for as long as `in_use` is
/// kept: Vault::find_subject may name somebody whom an erasure forgets right after it. Any thread.
/// Errors: io (retryable: the erasure lasts too long), not_found (the vault is missing).
[[nodiscard]] domain::Result<std::optional<Subjects>> known_subjects(
    Vault& vault, std::span<const NativeSubject> natives);

}  // namespace decklog::store
