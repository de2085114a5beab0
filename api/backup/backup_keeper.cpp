#include "api/backup/backup_keeper.hpp"

#include <algorithm>

#include "store/directory/private_files.hpp"
#include "store/fork/fork.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kLookEvery{1};
constexpr const char* kLogger = "backup";

std::vector<std::string> names_in(const fs::path& dir) {
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::directory_iterator entry(dir, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        names.push_back(entry->path().filename().string());
    }
    return names;
}

std::string partial_mark(const store::LogReader& ledger) {
    return "." + domain::to_hex(ledger.ledger_id().bytes).substr(0, 8) + ".partial";
}

fs::path vault_copy(const BackupPlan& plan, const std::string& name) {
    return *plan.vault_dir / (name + ".vault");
}

/// Left by a process that was killed at work; LOCK says that there is no other. The vault's copy
/// goes first: without its backup nothing would ever lead to it.
void remove_partials(const BackupPlan& plan, const store::LogReader& ledger) {
    const std::string mark = partial_mark(ledger);
    for (const std::string& entry : names_in(plan.dir)) {
        if (!entry.starts_with('.') || !entry.ends_with(mark)) continue;
        const std::string name = entry.substr(1, entry.size() - 1 - mark.size());
        if (!is_backup_name(name)) continue;
        std::error_code failed;
        if (plan.vault_dir) {
            fs::remove(store::temporary_of_vault_file(vault_copy(plan, name)), failed);
            if (!failed) fs::remove(vault_copy(plan, name), failed);
        }
        if (!failed) fs::remove_all(plan.dir / entry, failed);
        if (failed) store::log_warn(kLogger, {}, "{}: {}", name, failed.message());
    }
}

/// Half of a backup must not look like one: it is in the making again, and removed as such.
bool remove_backup(const BackupPlan& plan, const std::string& name,
                   const store::LogReader& ledger) {
    std::error_code failed;
    fs::rename(plan.dir / name, plan.dir / ("." + name + partial_mark(ledger)), failed);
    if (failed) store::log_warn(kLogger, {}, "delete {}: {}", name, failed.message());
    if (failed || !store::sync_directory(plan.dir)) return false;
    remove_partials(plan, ledger);
    return true;
}

}  // namespace

std::vector<FoundBackup> find_backups(const fs::path& dir, const store::LogReader& ledger) {
    auto ids = store::ancestors_of(ledger).value_or(std::vector<domain::LedgerId>{});
    ids.push_back(ledger.ledger_id());
    std::vector<FoundBackup> found;
    for (std::string& name : names_in(dir)) {
        if (!is_backup_name(name)) continue;
        const auto manifest = store::read_manifest(dir / name);
        if (!manifest || std::find(ids.begin(), ids.end(), manifest->ledger) == ids.end()) continue;
        found.push_back({std::move(name), manifest->created_at_us});
    }
    return found;
}

BackupKeeper::BackupKeeper(Backups& backups) : backups_(backups), plan_(*backups.plan()) {
    // One that a clock ahead of ours dated tells nothing about how old the newest is.
    const std::int64_t now_us = backups_.clock().now_us();
    for (const FoundBackup& found : find_backups(plan_.dir, backups_.ledger())) {
        if (found.created_at_us <= now_us) backups_.note_planned(found.created_at_us);
    }
}

void BackupKeeper::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

BackupKeeper::~BackupKeeper() = default;

void BackupKeeper::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        turn(stop);
        std::unique_lock lock(mutex_);
        stopped_.wait_for(lock, stop, kLookEvery, [] { return false; });
    }
}

bool BackupKeeper::turn(const std::stop_token& stop) {
    const std::int64_t now_us = backups_.clock().now_us();
    if (now_us < next_backup_us(plan_, backups_.history())) return false;
    const auto made = make(now_us, stop);
    if (!made) {
        // Another one is at work, or the service ends: neither is a failure.
        if (made.error().code == domain::ErrorCode::locked || stop.stop_requested()) return false;
        backups_.note_failure(made.error().context);
        store::log_error(kLogger, {}, "the planned backup failed: {}", made.error().context);
        return false;
    }
    delete_outlived(now_us);
    return true;
}

domain::Result<void> BackupKeeper::make(std::int64_t now_us, const std::stop_token& stop) {
    const std::string name = backup_name(now_us);
    remove_partials(plan_, backups_.ledger());
    const fs::path partial = plan_.dir / ("." + name + partial_mark(backups_.ledger()));
    std::optional<fs::path> vault_file;
    if (plan_.vault_dir) {
        if (auto there = store::create_private_directory(*plan_.vault_dir); !there) return there;
        vault_file = vault_copy(plan_, name);
    }
    auto made = backups_.make(partial, vault_file, [&stop](std::uint64_t, std::uint64_t) {
        return !stop.stop_requested();
    });
    if (!made) return tl::unexpected(std::move(made).error());
    std::error_code failed;
    fs::rename(partial, plan_.dir / name, failed);
    if (failed) {
        fs::remove_all(partial, failed);
        if (vault_file) fs::remove(*vault_file, failed);
        return domain::fail(domain::ErrorCode::io, "rename to " + (plan_.dir / name).string());
    }
    if (auto synced = store::sync_directory(plan_.dir); !synced) return synced;
    backups_.note_planned(now_us);
    store::log_info(kLogger, {}, "made {}: {} events, {} bytes", (plan_.dir / name).string(),
                    made->manifest.events(), made->manifest.bytes());
    return {};
}

void BackupKeeper::delete_outlived(std::int64_t now_us) {
    for (const std::string& name :
         outlived(plan_, find_backups(plan_.dir, backups_.ledger()), now_us)) {
        if (!remove_backup(plan_, name, backups_.ledger())) continue;
        store::log_info(kLogger, {}, "deleted {}: older than {} days", (plan_.dir / name).string(),
                        plan_.keep_days);
    }
}

}  // namespace decklog::api
