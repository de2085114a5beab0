// `decklog restore`, the part below the views: checks a backup file by file, copies it, checks the
// copy whole, brings the vault back, forks, and erases again whom the list beside the backups
// names. The new directory holds a file RESTORING from the first moment to the last: nothing but
// another restore opens it meanwhile, and what a failed one made is removed.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/backup/manifest.hpp"
#include "store/backup/vault_file.hpp"
#include "store/directory/directory.hpp"
#include "store/erasure/footprint.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"
#include "store/verify/verify.hpp"

namespace decklog::store {

struct RestoreWish {
    std::filesystem::path backup;
    std::filesystem::path data;  // absent or empty, or left by a restore that was interrupted
    std::optional<std::filesystem::path> vault_file{};
    std::optional<std::filesystem::path> erasures{};  // absent: the list beside the backup
    bool accept_older_vault = false;  // sealed parts whose key it lacks show as erased
    bool accept_clock = false;
    /// A node of the same cluster goes on from a node's backup: nothing is written or forked, and
    /// keys, erasures and what came since are read from the topics. Takes no vault_file.
    bool as_node = false;
    std::uint64_t disk_free_bytes_min = 0;  // less, or under 5 %: refused; 0: no rule
    domain::Actor actor{"system", "decklog"};
    std::string recorded_by = "decklog";
    IdsIn ids_in{};  // for those who are erased again
};

struct ErasureCounts {
    std::uint64_t listed = 0;
    std::uint64_t applied = 0;  // committed now
    std::uint64_t known = 0;    // the log had it
    std::uint64_t unheard = 0;  // of nobody in this ledger
};

struct RestoreReport {
    Manifest manifest;
    std::vector<std::string> problems{};  // of the backup's files, each beginning with its name
    VerifyReport verified{};
    std::optional<VaultFileInfo> vault{};
    bool vault_is_older = false;
    ErasureCounts erasures{};
    std::vector<std::string> unlisted{};        // places whose list cannot be written, and why
    domain::LedgerId ledger{};                  // the new id
    std::vector<domain::Position> forked_at{};  // by partition
    std::uint64_t events = 0;                   // of all partitions, at the end
};

enum class RestoreStage : std::uint8_t { copy, verify, erase, fold };
[[nodiscard]] std::string_view to_text(RestoreStage stage);
/// False ends the work.
using RestoreProgress =
    std::function<bool(RestoreStage stage, std::uint64_t done, std::uint64_t total)>;

/// One restore, in two halves with the views between them. What it made is removed when it goes
/// unfinished. One thread.
class Restoration {
  public:
    virtual ~Restoration() = default;

    /// Checks the wish, marks the directory. Errors: invalid_argument (names the wish, the rule and
    /// what to do), not_found, corrupt, locked, disk_full, io.
    [[nodiscard]] static domain::Result<std::unique_ptr<Restoration>> begin(RestoreWish wish);

    /// Everything up to the views. When the report names problems nothing else was done. Errors:
    /// corrupt (the copy is not what the manifest says), other_format, io, stopped.
    [[nodiscard]] virtual domain::Result<RestoreReport> run(const RestoreProgress& progress) = 0;
    /// Open between run and finish; not as a node.
    [[nodiscard]] virtual Ledger& ledger() = 0;
    [[nodiscard]] virtual const Directory& directory() const = 0;
    /// Closes everything and takes the mark away: from here on it is a data directory.
    [[nodiscard]] virtual domain::Result<void> finish() = 0;
};

}  // namespace decklog::store
