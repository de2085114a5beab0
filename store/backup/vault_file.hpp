// One file with every row of a vault: whoever has it and a copy of the ledger reads everything that
// was not erased before it was made. It never stands inside a backup; keep it apart from them.
//
// Format, little-endian: "DKLVAULT", format u32 = 1, ledger id 16, next ordinal u64; then rows: key
// length u32, value length u32, key, value; then a row of two zero lengths, the number of rows u64
// and BLAKE2b-256 of all before it.
//
// `next ordinal` is where the ledger stood when the copy began: every key that an event before it
// was sealed with is in the file, since keys are durable before they are used.
#pragma once

#include <cstdint>
#include <filesystem>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/vault/vault.hpp"
#include "store/vault/vault_rows.hpp"

namespace decklog::store {

struct VaultFileInfo {
    domain::LedgerId ledger;
    std::uint64_t events = 0;  // of all partitions of its ledger, when it was made
    std::uint64_t rows = 0;
};

/// Mode 0600, whole or not at all, durable on return. Errors: invalid_argument (the file is there
/// already, or the vault is missing), io.
[[nodiscard]] domain::Result<VaultFileInfo> write_vault_file(const Vault& vault,
                                                             const domain::LedgerId& ledger,
                                                             std::uint64_t events,
                                                             const std::filesystem::path& file);

/// What it is called until it is whole; a process that is killed leaves it.
[[nodiscard]] std::filesystem::path temporary_of_vault_file(const std::filesystem::path& file);

/// Checks the whole file. Errors: not_found, corrupt, other_format, io.
[[nodiscard]] domain::Result<VaultFileInfo> check_vault_file(const std::filesystem::path& file);

/// Puts every row of a checked file into `rows`.
[[nodiscard]] domain::Result<VaultFileInfo> load_vault_file(const std::filesystem::path& file,
                                                            VaultRows& rows);

}  // namespace decklog::store
