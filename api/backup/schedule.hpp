// When a backup is due, what it is called, and which old ones may go. Time is a value here; the
// thread that acts on it is backup_keeper. Pure, any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::api {

/// `[backup]` of the configuration.
struct BackupPlan {
    std::int64_t every_us = 86'400'000'000;
    std::filesystem::path dir;  // absolute; dated backups stand in it
    std::uint32_t keep_days = 7;
    std::optional<std::filesystem::path>
        vault_dir{};  // with it, each backup has a vault's copy there
};

/// `2026-11-25T203000Z`.
[[nodiscard]] std::string backup_name(std::int64_t at_us);
[[nodiscard]] bool is_backup_name(std::string_view name);

/// A finished backup of this ledger that bears a name of ours.
struct FoundBackup {
    std::string name;
    std::int64_t created_at_us = 0;
};

/// What is known when the schedule is asked.
struct BackupHistory {
    std::int64_t watching_since_us = 0;          // this process
    std::optional<std::int64_t> newest_us{};     // of the newest finished one
    std::optional<std::int64_t> failed_at_us{};  // of a try that failed after it
};

/// When the next one begins: at once when there is none; after a failure not before a quarter of
/// the interval, a quarter of an hour at most, has passed.
[[nodiscard]] std::int64_t next_backup_us(const BackupPlan& plan, const BackupHistory& history);
/// A quarter of the interval past due: time enough to make one and to try a second time.
[[nodiscard]] bool is_overdue(const BackupPlan& plan, const BackupHistory& history,
                              std::int64_t now_us);
/// Names of those older than `keep_days`. Never the newest.
[[nodiscard]] std::vector<std::string> outlived(const BackupPlan& plan,
                                                std::vector<FoundBackup> found,
                                                std::int64_t now_us);

}  // namespace decklog::api
