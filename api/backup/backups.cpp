#include "api/backup/backups.hpp"

#include <algorithm>

namespace decklog::api {

Backups::Backups(const store::Ledger& ledger, const store::Vault& vault, const store::Clock& clock,
                 std::filesystem::path data, std::optional<BackupPlan> plan)
    : ledger_(ledger),
      vault_(vault),
      clock_(clock),
      data_(std::move(data)),
      plan_(std::move(plan)) {
    history_.watching_since_us = clock_.now_us();
}

domain::Decision<void> Backups::check(
    const std::filesystem::path& into,
    const std::optional<std::filesystem::path>& vault_file) const {
    return store::check_backup(vault_, {data_, into, vault_file, 0});
}

domain::Result<store::BackupMade> Backups::make(
    const std::filesystem::path& into, const std::optional<std::filesystem::path>& vault_file,
    const store::BackupProgress& progress) {
    const std::unique_lock lock(at_work_, std::try_to_lock);
    if (!lock.owns_lock())
        return domain::fail(domain::ErrorCode::locked, "another backup is at work", true);
    if (ledger_.state() == store::WriterState::disk_low)
        return domain::fail(domain::ErrorCode::disk_full, "disk_low: the disk is nearly full");
    const std::int64_t now_us = clock_.now_us();
    auto made = store::make_backup(ledger_, vault_, {data_, into, vault_file, now_us}, progress);
    if (made) {
        const std::lock_guard noting(mutex_);
        last_success_us_ = std::max(last_success_us_.value_or(now_us), now_us);
    }
    return made;
}

void Backups::note_failure(const std::string& text) {
    const std::int64_t now_us = clock_.now_us();
    const std::lock_guard lock(mutex_);
    history_.failed_at_us = now_us;
    failure_ = text;
    ++failures_;
}

Backups::Status Backups::status() const {
    const std::int64_t now_us = clock_.now_us();
    const std::lock_guard lock(mutex_);
    Status status;
    status.is_planned = plan_.has_value();
    status.is_overdue = plan_ && api::is_overdue(*plan_, history_, now_us);
    status.last_success_us = last_success_us_;
    status.failure = failure_;
    status.failures = failures_;
    return status;
}

BackupHistory Backups::history() const {
    const std::lock_guard lock(mutex_);
    return history_;
}

void Backups::note_planned(std::int64_t newest_us) {
    const std::lock_guard lock(mutex_);
    history_.newest_us = std::max(history_.newest_us.value_or(newest_us), newest_us);
    last_success_us_ = std::max(last_success_us_.value_or(newest_us), newest_us);
    history_.failed_at_us.reset();
    failure_.clear();
}

}  // namespace decklog::api
