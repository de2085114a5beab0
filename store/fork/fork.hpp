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

/// What the log of a partition calls itself at its end. Errors: corrupt, io, not_found.
[[nodiscard]] domain::Result<domain::LedgerId> id_in(const LogReader& ledger,
                                                     std::uint32_t partition);

/// Commits LedgerForked with a random id in every partition and ties the vault to it; waits until
/// all are durable. Partition 0, whose id is the ledger's, comes last: until then it is the ledger
/// that it was, and repeating the call goes on with the id that the others have. After a crash
/// behind it, opening with `ancestors_of` ties the vault. `order`: of each. Errors: io
/// (retryable when the writer was only busy), naming what the writer said.
[[nodiscard]] domain::Result<domain::LedgerId> fork(Ledger& ledger, Vault& vault, Random& random,
                                                    domain::LedgerOrder order,
                                                    const std::string& reason);

}  // namespace decklog::store
