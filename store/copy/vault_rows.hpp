// The vault of a ledger that moves, row by row, into the rows of its copy's. Any thread.
#pragma once

#include <cstdint>

#include "store/vault/vault.hpp"
#include "store/vault/vault_rows.hpp"

namespace decklog::store {

/// Rows that are there already stay as they are, so that it can be repeated; how many were put.
/// What is finished of erasures is not taken along: the copy's files are others. Errors:
/// other_ledger (the target is another ledger's vault), io.
[[nodiscard]] domain::Result<std::uint64_t> copy_vault_rows(const Vault& source, VaultRows& target);

}  // namespace decklog::store
