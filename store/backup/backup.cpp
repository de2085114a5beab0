#include "store/backup/backup.hpp"

#include <fcntl.h>

#include <span>
#include <system_error>

#include "store/backup/checkpoint.hpp"
#include "store/backup/list_logged.hpp"
#include "store/directory/backup_places.hpp"
#include "store/directory/head_file.hpp"
#include "store/directory/private_files.hpp"
#include "store/log.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;
namespace fs = std::filesystem;

constexpr const char* kDir = "dir";
constexpr const char* kVaultFile = "vaultFile";

tl::unexpected<domain::Rejection> bad_path(const char* field, const std::string& what) {
    return domain::reject("invalid_path", what, field);
}

fs::path place_of(const fs::path& path) {
    std::error_code ignored;
    const fs::path real = fs::weakly_canonical(path, ignored);
    return real.has_filename() ? real : real.parent_path();  // no trailing slash
}

bool is_inside(const fs::path& inner, const fs::path& outer) {
    const fs::path relative = place_of(inner).lexically_relative(place_of(outer));
    return !relative.empty() && *relative.begin() != "..";
}

/// A finished backup that `path` would stand in: what it holds may not change any more.
std::optional<fs::path> backup_around(fs::path path) {
    std::error_code ignored;
    for (path = directory_of(path); path.has_relative_path(); path = directory_of(path)) {
        if (fs::exists(path / kManifestName, ignored)) return path;
    }
    return std::nullopt;
}

domain::Decision<void> check_vault_file_of(const Vault& vault, const BackupWish& wish) {
    const fs::path& file = *wish.vault_file;
    if (vault.missing())
        return domain::reject("no_vault", "the vault is not here, so it cannot be copied",
                              kVaultFile);
    if (!file.is_absolute()) return bad_path(kVaultFile, "the vault's file is an absolute path");
    if (is_inside(file, wish.into) || is_inside(file, wish.data)) {
        return bad_path(
            kVaultFile,
            "the vault's copy stands outside of the backup and of the data: with both together, "
            "whoever finds the backup reads everything");
    }
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(file, ignored)))
        return bad_path(kVaultFile, file.string() + " is there already; name a new file");
    return {};
}

/// Takes away what was made, unless it is kept.
class Attempt {
  public:
    explicit Attempt(const BackupWish& wish) : wish_(wish) {
        std::error_code ignored;
        was_there_ = fs::exists(wish.into, ignored);
    }
    ~Attempt() {
        if (is_kept_) return;
        std::error_code failed;
        if (!was_there_) {
            fs::remove_all(wish_.into, failed);
        } else {
            for (const auto& entry : fs::directory_iterator(wish_.into, failed))
                fs::remove_all(entry.path(), failed);
        }
        if (made_vault_file_) fs::remove(*wish_.vault_file, failed);
        if (failed) {
            log_warn("backup", {}, "the rest of a failed backup in {} could not be removed: {}",
                     wish_.into.string(), failed.message());
        }
    }
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    void made_vault_file() { made_vault_file_ = true; }
    void keep() { is_kept_ = true; }

  private:
    const BackupWish& wish_;
    bool was_there_ = false;
    bool made_vault_file_ = false;
    bool is_kept_ = false;
};

domain::Result<void> write_head_file(const fs::path& file, std::span<const Head> heads) {
    const FileDescriptor fd(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.is_open()) return io_error("create " + file.string());
    for (std::uint32_t partition = 0; partition < heads.size(); ++partition) {
        const Head& head = heads[partition];
        if (auto written = write_head(fd.get(), {{partition, head.next_ordinal - 1}, head.chain});
            !written)
            return written;
    }
    return {};
}

/// Sums and syncs every file, then every directory.
domain::Result<std::vector<ManifestFile>> seal_files(const fs::path& root,
                                                     const BackupProgress& progress) {
    auto names = files_under(root);
    if (!names) return tl::unexpected(std::move(names).error());
    std::uint64_t done = 0, total = 0;
    std::error_code failed;
    for (const std::string& name : *names) total += fs::file_size(root / name, failed);
    const ReadSink read = [&](std::uint64_t bytes) {
        done += bytes;
        return !progress || progress(done, total);
    };
    std::vector<ManifestFile> files;
    for (std::string& name : *names) {
        const fs::path file = root / name;
        auto sum = sum_file(file, read);
        if (!sum) return tl::unexpected(std::move(sum).error());
        if (auto synced = sync_file(file); !synced)
            return tl::unexpected(std::move(synced).error());
        files.push_back({std::move(name), *sum});
    }
    for (const fs::path& directory : {root / "ledger", root}) {
        if (auto synced = sync_directory(directory); !synced)
            return tl::unexpected(std::move(synced).error());
    }
    return files;
}

domain::Result<BackupMade> fill(const Ledger& ledger, const Vault& vault, const BackupWish& wish,
                                const BackupProgress& progress, Attempt& attempt) {
    const fs::path copy = wish.into / "ledger";
    if (auto made = checkpoint_ledger(ledger, copy); !made)
        return tl::unexpected(std::move(made).error());
    if (auto copied = copy_whole(wish.data / "FORMAT", wish.into / "FORMAT", {}); !copied)
        return tl::unexpected(std::move(copied).error());
    const auto state = read_checkpoint(copy);
    if (!state) return tl::unexpected(state.error());
    if (auto written = write_head_file(wish.into / "HEAD", state->heads); !written)
        return tl::unexpected(std::move(written).error());

    BackupMade made;
    made.manifest.release = DECKLOG_VERSION;
    made.manifest.ledger = state->ledger;
    made.manifest.created_at_us = wish.now_us;
    made.manifest.has_vault = wish.vault_file.has_value();
    for (std::uint32_t partition = 0; partition < state->heads.size(); ++partition)
        made.manifest.partitions.push_back({partition, state->heads[partition]});
    if (wish.vault_file) {
        auto written =
            write_vault_file(vault, state->ledger, made.manifest.events(), *wish.vault_file);
        if (!written) return tl::unexpected(std::move(written).error());
        attempt.made_vault_file();
        made.vault = *written;
    }
    auto files = seal_files(wish.into, progress);
    if (!files) return tl::unexpected(std::move(files).error());
    made.manifest.files = std::move(*files);
    if (auto written = write_private_file(wish.into / kManifestName, to_text(made.manifest));
        !written)
        return tl::unexpected(std::move(written).error());
    if (auto synced = sync_directory(directory_of(wish.into)); !synced)
        return tl::unexpected(std::move(synced).error());
    return made;
}

}  // namespace

domain::Decision<void> check_backup(const Vault& vault, const BackupWish& wish) {
    if (!wish.into.is_absolute())
        return bad_path(kDir, "the directory of a backup is an absolute path");
    if (is_inside(wish.into, wish.data) || is_inside(wish.data, wish.into))
        return bad_path(kDir, "a backup stands neither inside nor around the data directory");
    const std::pair<const char*, std::optional<fs::path>> paths[] = {{kDir, wish.into},
                                                                     {kVaultFile, wish.vault_file}};
    for (const auto& [field, path] : paths) {
        if (const auto around = path ? backup_around(*path) : std::nullopt)
            return bad_path(field, around->string() + " is a backup: nothing may be added to it");
    }
    const auto empty = is_absent_or_empty(wish.into);
    if (!empty) return bad_path(kDir, empty.error().context);
    if (!*empty) {
        return bad_path(kDir, wish.into.string() +
                                  " is not empty: a backup goes into a directory of its own, which "
                                  "is made when absent");
    }
    return wish.vault_file ? check_vault_file_of(vault, wish) : domain::Decision<void>{};
}

domain::Result<BackupMade> make_backup(const Ledger& ledger, const Vault& vault,
                                       const BackupWish& wish, const BackupProgress& progress) {
    if (const auto checked = check_backup(vault, wish); !checked)
        return domain::fail(ErrorCode::invalid_argument, checked.error().message);
    Attempt attempt(wish);
    if (auto made = create_private_directory(wish.into); !made)
        return tl::unexpected(std::move(made).error());
    // The list comes first, and is remembered: whoever is erased while the copy is made is in it.
    const fs::path place = directory_of(place_of(wish.into));
    if (auto listed = list_logged_erasures(ledger, place); !listed)
        return tl::unexpected(std::move(listed).error());
    if (auto noted = remember_place(wish.data, place); !noted)
        return tl::unexpected(std::move(noted).error());
    auto made = fill(ledger, vault, wish, progress, attempt);
    if (made) attempt.keep();
    return made;
}

}  // namespace decklog::store
