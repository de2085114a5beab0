// The vault's logic over any rows: keyed hashes, subjects, sealing. The memory and the RocksDB
// vault are both this.
#pragma once

#include <memory>

#include "store/clock.hpp"
#include "store/vault/vault.hpp"
#include "store/vault/vault_rows.hpp"

namespace decklog::store {

inline constexpr std::size_t kRawBodyBytesMax = 16U << 20U;

/// What to do when the rows hold no master key.
enum class NoMaster : std::uint8_t { create, refuse };

/// Errors: corrupt (no master key, or one that does not check), other_format, io. `random` outlives
/// the vault.
[[nodiscard]] domain::Result<std::unique_ptr<Vault>> make_vault(std::unique_ptr<VaultRows> rows,
                                                                Random& random, NoMaster no_master);

/// Stands in where a ledger's vault is missing (Vault::missing).
[[nodiscard]] std::unique_ptr<Vault> make_missing_vault(Random& random);

}  // namespace decklog::store
