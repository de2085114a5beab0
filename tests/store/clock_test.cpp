#include "store/clock.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace decklog::store::clock_test {
namespace {

TEST(SystemClock, TellsWallTimeInMicroseconds) {
    using namespace std::chrono;
    const auto before = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
    const std::int64_t now = decklog::store::system_clock().now_us();
    const auto after = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
    // The two clocks round to microseconds differently.
    EXPECT_GE(now, before - 1);
    EXPECT_LE(now, after + 1);
}

TEST(SystemClock, BootTimeNeverGoesBack) {
    std::int64_t last = decklog::store::system_clock().boot_us();
    for (int i = 0; i < 1000; ++i) {
        const std::int64_t now = decklog::store::system_clock().boot_us();
        ASSERT_GE(now, last);
        last = now;
    }
    EXPECT_GT(last, 0);
}

TEST(SystemRandom, FillsEveryByteAndNeverRepeats) {
    std::array<std::uint8_t, 32> a{};
    std::array<std::uint8_t, 32> b{};
    system_random().fill(a);
    system_random().fill(b);
    EXPECT_NE(a, b);
    std::array<std::uint8_t, 32> ever_set{};
    for (int i = 0; i < 64; ++i) {
        system_random().fill(a);
        for (std::size_t at = 0; at < a.size(); ++at) ever_set[at] |= a[at];
    }
    for (const std::uint8_t byte : ever_set) EXPECT_EQ(byte, 0xFF);
}

}  // namespace
}  // namespace decklog::store::clock_test
