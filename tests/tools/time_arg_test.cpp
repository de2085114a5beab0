#include "tools/decklog/time_arg.hpp"

#include <gtest/gtest.h>

namespace decklog::cli::time_arg_test {

constexpr std::int64_t kNow = 1'764'000'000'000'000;  // 2025-11-24T16:00:00Z

TEST(TimeArg, CountsBackFromNow) {
    EXPECT_EQ(absolute_time("1 minute ago", kNow).value(), "2025-11-24T15:59:00.000000Z");
    EXPECT_EQ(absolute_time("90 seconds ago", kNow).value(), "2025-11-24T15:58:30.000000Z");
    EXPECT_EQ(absolute_time("2 hours ago", kNow).value(), "2025-11-24T14:00:00.000000Z");
    EXPECT_EQ(absolute_time("3 days ago", kNow).value(), "2025-11-21T16:00:00.000000Z");
    EXPECT_EQ(absolute_time("0 seconds ago", kNow).value(), "2025-11-24T16:00:00.000000Z");
}

TEST(TimeArg, LeavesPositionsAndTimesToTheServer) {
    for (const char* text : {"0:12", "7f3a9c01.0:12", "2025-11-24T16:00:00Z", "nonsense", ""})
        EXPECT_EQ(absolute_time(text, kNow).value(), text);
}

TEST(TimeArg, RefusesRelativeTimesThatDoNotParse) {
    for (const char* text : {"a minute ago", "-1 hours ago", "1 fortnight ago", "1hour ago", " ago",
                             "99999999999999999999 days ago", "1.5 hours ago"})
        EXPECT_FALSE(absolute_time(text, kNow).has_value()) << text;
}

TEST(TimeArg, ReadsDurations) {
    EXPECT_EQ(duration_us("45s").value(), 45'000'000);
    EXPECT_EQ(duration_us("30m").value(), 1'800'000'000);
    EXPECT_EQ(duration_us("365d").value(), 365LL * 86'400 * 1'000'000);
    for (const char* text : {"", "d", "0d", "-1d", "1w", "1", "999999999999d"})
        EXPECT_FALSE(duration_us(text).has_value()) << text;
}

}  // namespace decklog::cli::time_arg_test
