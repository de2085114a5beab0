#include "api/backup/schedule.hpp"

#include <gtest/gtest.h>

namespace decklog::api::schedule_test {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3'600 * kSecond;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kNow = 1'795'638'600 * kSecond;

BackupPlan daily() { return {kDay, "/backups", 7, {}}; }

TEST(BackupSchedule, NamesABackupByItsTime) {
    EXPECT_EQ(backup_name(kNow), "2026-11-25T203000Z");
    EXPECT_EQ(backup_name(kNow + 1), "2026-11-25T203000Z");
    EXPECT_TRUE(is_backup_name("2026-11-25T203000Z"));
    for (const char* other : {"", "2026-11-25T203000", ".2026-11-25T203000Z", "2026-11-25T203000Z2",
                              "2026-11-25T20300oZ", "yesterday"}) {
        EXPECT_FALSE(is_backup_name(other)) << other;
    }
}

TEST(BackupSchedule, BeginsAtOnceAndThenEveryInterval) {
    EXPECT_EQ(next_backup_us(daily(), {kNow, {}, {}}), kNow);
    EXPECT_EQ(next_backup_us(daily(), {kNow, kNow - kHour, {}}), kNow + 23 * kHour)
        << "a restart makes none early";
    EXPECT_EQ(next_backup_us(daily(), {kNow, kNow - 3 * kDay, {}}), kNow - 2 * kDay)
        << "and none is waited for that is late";
}

TEST(BackupSchedule, TriesAgainAfterAWhile) {
    EXPECT_EQ(next_backup_us(daily(), {kNow, kNow - kDay, kNow}), kNow + 900 * kSecond);
    BackupPlan often = daily();
    often.every_us = 8 * kSecond;
    EXPECT_EQ(next_backup_us(often, {kNow, kNow - kDay, kNow}), kNow + 2 * kSecond);
}

TEST(BackupSchedule, IsOverdueAQuarterPastDue) {
    EXPECT_FALSE(is_overdue(daily(), {kNow, {}, {}}, kNow + 6 * kHour)) << "just started";
    EXPECT_TRUE(is_overdue(daily(), {kNow, {}, {}}, kNow + 6 * kHour + 1));
    EXPECT_FALSE(is_overdue(daily(), {kNow, kNow - kDay, {}}, kNow + 6 * kHour));
    EXPECT_TRUE(is_overdue(daily(), {kNow, kNow - kDay, {}}, kNow + 6 * kHour + 1));
    EXPECT_TRUE(is_overdue(daily(), {kNow, kNow - 9 * kDay, {}}, kNow)) << "it was off";
}

TEST(BackupSchedule, LetsGoWhatIsTooOldButNeverTheNewest) {
    const std::vector<FoundBackup> found{{"old", kNow - 8 * kDay},
                                         {"new", kNow - kHour},
                                         {"edge", kNow - 7 * kDay},
                                         {"oldest", kNow - 9 * kDay}};
    EXPECT_EQ(outlived(daily(), found, kNow), (std::vector<std::string>{"oldest", "old"}));
    EXPECT_TRUE(outlived(daily(), {{"only", kNow - 99 * kDay}}, kNow).empty());
    EXPECT_TRUE(outlived(daily(), {}, kNow).empty());
}

}  // namespace decklog::api::schedule_test
