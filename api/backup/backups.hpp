// The backups that this process makes, asked for or by plan: one at a time, and how they went.
// Thread-safe.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "api/backup/schedule.hpp"
#include "store/backup/backup.hpp"
#include "store/clock.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::api {

class Backups {
  public:
    /// All outlive it. `plan` absent: only on demand.
    Backups(const store::Ledger& ledger, const store::Vault& vault, const store::Clock& clock,
            std::filesystem::path data, std::optional<BackupPlan> plan);

    /// Rejections: those of check_backup.
    [[nodiscard]] domain::Decision<void> check(
        const std::filesystem::path& into,
        const std::optional<std::filesystem::path>& vault_file) const;

    /// Errors: those of make_backup; locked when one is at work. Success is noted; whether an error
    /// is a failure of the backups is for the caller to say.
    [[nodiscard]] domain::Result<store::BackupMade> make(
        const std::filesystem::path& into, const std::optional<std::filesystem::path>& vault_file,
        const store::BackupProgress& progress);

    void note_failure(const std::string& text);

    struct Status {
        bool is_planned = false;
        bool is_overdue = false;
        std::optional<std::int64_t> last_success_us{};
        std::string failure{};  // of the newest one; empty: it went well, or there was none
        std::uint64_t failures = 0;
    };
    [[nodiscard]] Status status() const;

    [[nodiscard]] const std::optional<BackupPlan>& plan() const { return plan_; }
    [[nodiscard]] const store::Clock& clock() const { return clock_; }
    [[nodiscard]] const store::Ledger& ledger() const { return ledger_; }
    [[nodiscard]] BackupHistory history() const;
    /// A finished one stands in the planned directory, from now or from an earlier run. One made on
    /// demand, elsewhere, does not put the plan off.
    void note_planned(std::int64_t newest_us);

  private:
    const store::Ledger& ledger_;
    const store::Vault& vault_;
    const store::Clock& clock_;
    const std::filesystem::path data_;
    const std::optional<BackupPlan> plan_;
    std::mutex at_work_;
    mutable std::mutex mutex_;  // guards what follows
    BackupHistory history_;     // of the plan
    std::optional<std::int64_t> last_success_us_{};
    std::string failure_;
    std::uint64_t failures_ = 0;
};

}  // namespace decklog::api
