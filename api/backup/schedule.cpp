#include "api/backup/schedule.hpp"

#include <algorithm>

#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

constexpr std::int64_t kDayMicros = 86'400'000'000;
constexpr std::int64_t kRetryMicrosMax = 900'000'000;
constexpr std::string_view kShape = "dddd-dd-ddTddddddZ";  // d: a digit

}  // namespace

std::string backup_name(std::int64_t at_us) {
    std::string text = domain::to_rfc3339(at_us);  // 2026-11-25T20:30:00.000000Z
    text.erase(19, 7);
    std::erase(text, ':');
    return text;
}

bool is_backup_name(std::string_view name) {
    return std::equal(
        name.begin(), name.end(), kShape.begin(), kShape.end(),
        [](char c, char want) { return want == 'd' ? c >= '0' && c <= '9' : c == want; });
}

std::int64_t next_backup_us(const BackupPlan& plan, const BackupHistory& history) {
    const std::int64_t due =
        history.newest_us ? *history.newest_us + plan.every_us : history.watching_since_us;
    if (!history.failed_at_us) return due;
    return std::max(due, *history.failed_at_us + std::min(plan.every_us / 4, kRetryMicrosMax));
}

bool is_overdue(const BackupPlan& plan, const BackupHistory& history, std::int64_t now_us) {
    const std::int64_t due =
        history.newest_us ? *history.newest_us + plan.every_us : history.watching_since_us;
    return now_us > due + plan.every_us / 4;
}

std::vector<std::string> outlived(const BackupPlan& plan, std::vector<FoundBackup> found,
                                  std::int64_t now_us) {
    std::sort(found.begin(), found.end(), [](const FoundBackup& left, const FoundBackup& right) {
        return left.created_at_us < right.created_at_us;
    });
    if (!found.empty()) found.pop_back();
    std::vector<std::string> names;
    for (FoundBackup& backup : found) {
        if (backup.created_at_us < now_us - plan.keep_days * kDayMicros)
            names.push_back(std::move(backup.name));
    }
    return names;
}

}  // namespace decklog::api
