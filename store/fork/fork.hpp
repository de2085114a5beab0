// Giving a ledger a new id because it may not be the only one of its history (after restore,
// import of a full export, copy), and what follows from that: the ids it had before, and the vault
// that moves along.
#pragma once

#include <string>
#include <vector>

#include "domain/ledger/lineage.hpp"
#include "store/clock.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::store {

/// The ids that this ledger had before it was forked, oldest first; empty: it never was.
[[nodiscard]] domain::Result<std::vector<domain::LedgerId>> ancestors_of(const LogReader& ledger);

/// Commits LedgerForked with a random id and ties the vault to it; waits until both are durable.
/// After a crash between the two, opening with `ancestors_of` ties the vault. Errors: io
/// (retryable when the writer was only busy), naming what the writer said.
[[nodiscard]] domain::Result<domain::LedgerId> fork(Ledger& ledger, Vault& vault, Random& random,
                                                    domain::LedgerOrder order,
                                                    const std::string& reason);

}  // namespace decklog::store
