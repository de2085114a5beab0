// The generator that the property tests of the views rest on: repeatable, and complete.
#include "tests/projections/random_log.hpp"

#include <gtest/gtest.h>

#include <set>

namespace decklog::projections::random_log_test {

using random_log::RandomLog;

TEST(RandomLog, HoldsEveryEventTypeOnceTheLogIsLongEnough) {
    std::set<domain::EventType> seen;
    for (const auto& event : RandomLog(1).events(domain::all_types().size()))
        seen.insert(event.type);
    EXPECT_EQ(seen.size(), domain::all_types().size());
}

TEST(RandomLog, TheSameSeedGivesTheSameEvents) {
    const auto first = RandomLog(7).events(300);
    const auto second = RandomLog(7).events(300);
    ASSERT_EQ(first.size(), second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].type, second[i].type);
        EXPECT_EQ(first[i].payload, second[i].payload);
        EXPECT_EQ(first[i].sealed, second[i].sealed);
        EXPECT_EQ(first[i].occurred_at_us, second[i].occurred_at_us);
    }
    const auto other = RandomLog(8).events(300);
    EXPECT_NE(first.back().occurred_at_us, other.back().occurred_at_us);
}

}  // namespace decklog::projections::random_log_test
