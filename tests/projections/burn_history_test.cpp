// Windows of what a release at full did: which minutes they take in, and that rows keep them.
#include "projections/rollouts/burn_history.hpp"

#include <gtest/gtest.h>

namespace decklog::projections::burn_history_test {

using domain::gate::WindowCounts;
using rollout::BurnHistory;

constexpr std::int64_t kMinute = 60'000'000, kHour = 60 * kMinute, kNow = 1'000'000 * kMinute;

TEST(BurnHistory, SumsWhatIsInEachWindow) {
    BurnHistory history;
    for (const std::int64_t ago : {71 * kHour, 5 * kHour, 50 * kMinute, 20 * kMinute, 4 * kMinute})
        history.add(kNow - ago, {100, 1});
    const auto windows = history.windows(kNow);
    EXPECT_EQ(windows.five_minutes, (WindowCounts{100, 1}));
    EXPECT_EQ(windows.thirty_minutes, (WindowCounts{200, 2}));
    EXPECT_EQ(windows.one_hour, (WindowCounts{300, 3}));
    EXPECT_EQ(windows.six_hours, (WindowCounts{400, 4}));
    EXPECT_EQ(windows.three_days, (WindowCounts{500, 5}));
}

TEST(BurnHistory, ForgetsWhatNoWindowReaches) {
    BurnHistory history;
    for (int minute = 0; minute < 5 * 24 * 60; ++minute)
        history.add(kNow + minute * kMinute, {1, 0});
    std::string bytes;
    history.put(bytes);
    EXPECT_LT(bytes.size(), 1'600U);
    const std::int64_t end = kNow + (5 * 24 * 60 - 1) * kMinute;
    EXPECT_EQ(history.windows(end).one_hour.units, 61U) << "and the minute in which it began";
    EXPECT_EQ(history.windows(end + 4 * 24 * kHour), domain::gate::BurnWindows{});
}

TEST(BurnHistory, ComesBackFromItsBytes) {
    BurnHistory history;
    history.add(kNow, {7, 2});
    history.add(kNow + 40 * kMinute, {9, 0});
    std::string bytes;
    history.put(bytes);
    RowBytes reading(bytes);
    const BurnHistory again = BurnHistory::read(reading);
    EXPECT_TRUE(reading.ok() && reading.at_end());
    EXPECT_EQ(again.windows(kNow + kHour), history.windows(kNow + kHour));
}

}  // namespace decklog::projections::burn_history_test
