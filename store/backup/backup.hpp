// `decklog backup`: a copy of the ledger made beside its writer, which can be checked file by file
// and restored. A backup is a directory with `ledger/`, `FORMAT`, `HEAD` and, written last,
// `manifest.json`; without a manifest it is none. On the ledger's own file system the tables are
// hard links: made in a moment, taking no space, and no help against a broken disk.
//
// The vault is never in it. When asked for, its copy goes to one file elsewhere (vault_file.hpp),
// taken after the ledger's, so that every key that the ledger needs is in it.
//
// Beside the backup, in its parent, stands the list `erasures` (erasure_list.hpp); the data
// directory remembers that place, so that later erasures are listed there.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "store/backup/manifest.hpp"
#include "store/backup/vault_file.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::store {

struct BackupWish {
    std::filesystem::path data;                         // the data directory, open in this process
    std::filesystem::path into;                         // absolute; absent or empty
    std::optional<std::filesystem::path> vault_file{};  // absolute, absent, not inside `into`
    std::int64_t now_us = 0;
};

struct BackupMade {
    Manifest manifest;
    std::optional<VaultFileInfo> vault{};
};

/// Bytes read so far, and in all; false ends the work.
using BackupProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Is it a wish that make_backup takes? Rejections: invalid_path (field dir or vaultFile, says
/// which rule), no_vault. Any thread; looks at the disk.
[[nodiscard]] domain::Decision<void> check_backup(const Vault& vault, const BackupWish& wish);

/// Durable on return. After an error nothing of it is left, whatever it was. One at a time: the
/// caller sees to that. Errors: invalid_argument (what check_backup refuses), corrupt (the copy
/// does not check), stopped, io. Any thread; blocks.
[[nodiscard]] domain::Result<BackupMade> make_backup(const Ledger& ledger, const Vault& vault,
                                                     const BackupWish& wish,
                                                     const BackupProgress& progress);

}  // namespace decklog::store
