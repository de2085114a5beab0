// The window of newest frames is contiguous and bounded, whatever is pushed; waiters are answered
// once.
#include "projections/live_window.hpp"

#include <gtest/gtest.h>

#include "projections/waiters.hpp"
#include "tests/projections/random_log.hpp"
#include "tests/projections/test_log.hpp"

namespace decklog::projections::live_window_test {

using namespace std::chrono_literals;

class LiveWindowTest : public testing::Test {
  protected:
    LiveWindowTest() {
        log_.append_each(random_log::RandomLog(1).events(20));
        static_cast<void>(log_.read({0, 0}, [&](const store::FramePtr& frame) {
            frames_.push_back(frame);
            return true;
        }));
    }
    [[nodiscard]] std::span<const store::FramePtr> frames(std::size_t from,
                                                          std::size_t count) const {
        return std::span(frames_).subspan(from, count);
    }
    test_log::TestLog log_;
    std::vector<store::FramePtr> frames_;
};

TEST_F(LiveWindowTest, HoldsWhatWasPushedUntilItIsForgotten) {
    LiveWindow window(100, 1U << 20U);
    EXPECT_FALSE(window.holds(0));
    window.push(frames(3, 5));
    EXPECT_EQ(window.end(), 8U);
    EXPECT_FALSE(window.holds(2));
    EXPECT_TRUE(window.holds(3));
    EXPECT_TRUE(window.holds(7));
    EXPECT_FALSE(window.holds(8));
    const Batch batch = window.take(4, 7, {});
    EXPECT_EQ(batch.first_ordinal(), 4U);
    EXPECT_EQ(batch.next_ordinal(), 7U);
    EXPECT_EQ(window.take(4, 8, {2, 1U << 20U}).next_ordinal(), 6U);
    window.forget_before(6);
    EXPECT_FALSE(window.holds(5));
    EXPECT_TRUE(window.holds(6));
}

TEST_F(LiveWindowTest, DropsTheOldestWhenItIsFull) {
    LiveWindow window(4, 1U << 20U);
    window.push(frames(0, 10));
    EXPECT_FALSE(window.holds(5));
    EXPECT_TRUE(window.holds(6));
    LiveWindow narrow(100, 1);
    narrow.push(frames(0, 3));
    EXPECT_FALSE(narrow.holds(1));
    EXPECT_TRUE(narrow.holds(2));
}

TEST_F(LiveWindowTest, BeginsAnewAfterAGap) {
    LiveWindow window(100, 1U << 20U);
    window.push(frames(0, 3));
    window.push(frames(5, 2));
    EXPECT_FALSE(window.holds(2));
    EXPECT_TRUE(window.holds(5));
    EXPECT_EQ(window.end(), 7U);
}

/// Everything reflects this much.
std::function<std::uint64_t(std::string_view)> at(std::uint64_t next_ordinal) {
    return [next_ordinal](std::string_view) { return next_ordinal; };
}

TEST(Waiters, WaitForTheirOwnViewOnly) {
    Waiters waiters;
    std::string answered;
    const auto later = Waiters::Clock::now() + std::chrono::hours(1);
    waiters.add("audit", 5, later, [&](bool) { answered += "audit "; });
    waiters.add("rooms", 5, later, [&](bool) { answered += "rooms "; });
    const auto due = waiters.take_due(
        [](std::string_view view) { return view == "rooms" ? 9U : 5U; }, Waiters::Clock::now());
    ASSERT_EQ(due.size(), 1U);
    due.front().give();
    EXPECT_EQ(answered, "rooms ");
    EXPECT_FALSE(waiters.empty());
}

TEST(Waiters, AreAnsweredOnceByPositionOrDeadline) {
    Waiters waiters;
    const auto now = Waiters::Clock::now();
    int reached = 0;
    int late = 0;
    const auto count = [&](bool reflected) { ++(reflected ? reached : late); };
    waiters.add("audit", 5, now + 1h, count);
    waiters.add("audit", 6, now + 1h, count);
    waiters.add("audit", 99, now + 1s, count);
    EXPECT_EQ(waiters.first_deadline(), now + 1s);
    for (const auto& answer : waiters.take_due(at(6), now)) answer.give();
    EXPECT_EQ(reached, 1);
    for (const auto& answer : waiters.take_due(at(6), now + 1s)) answer.give();
    EXPECT_EQ(late, 1);
    for (const auto& answer : waiters.take_all()) answer.give();
    EXPECT_EQ(late, 2);
    EXPECT_TRUE(waiters.empty());
    EXPECT_FALSE(waiters.first_deadline().has_value());
}

}  // namespace decklog::projections::live_window_test
