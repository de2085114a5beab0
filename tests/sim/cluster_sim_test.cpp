// The real rules of a cluster (store/kafka/replica, store/kafka/owner) against everything that a
// broker, a network and a crash may do to them. DECKLOG_SIM_SEEDS: how many seeds (200), from
// DECKLOG_SIM_FIRST (1).
#include <gtest/gtest.h>

#include "tests/sim/cluster.hpp"

namespace decklog::sim {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t seeds() {
    return number_from("DECKLOG_SIM_SEEDS", std::getenv("DECKLOG_SOAK") != nullptr ? 10'000 : 200);
}
std::uint64_t first_seed() { return number_from("DECKLOG_SIM_FIRST", 1); }

constexpr int kSteps = 3'000;

TEST(ClusterSim, AcknowledgedOnceOnEveryNodeWhateverHappens) {
    std::size_t acknowledged = 0;
    for (std::uint64_t seed = first_seed(); seed < first_seed() + seeds(); ++seed) {
        Cluster cluster(seed);
        cluster.run(kSteps);
        cluster.heal();
        cluster.check_outcome();
        ASSERT_EQ(cluster.problem(), "");
        acknowledged += cluster.acknowledged();
    }
    // A simulation in which nothing gets through proves nothing.
    EXPECT_GT(acknowledged, seeds() * 50);
    RecordProperty("acknowledged", std::to_string(acknowledged));
}

TEST(ClusterSim, ACutTailStopsWhoKnewItAndNeverMakesTwoHistories) {
    std::size_t stopped = 0;
    for (std::uint64_t seed = first_seed(); seed < first_seed() + seeds() / 4; ++seed) {
        Cluster cluster(seed);
        cluster.run(kSteps / 2);
        ASSERT_EQ(cluster.problem(), "");
        cluster.cut_tail(1 + static_cast<std::int64_t>(seed % 8));
        cluster.run(kSteps / 2);
        cluster.heal();
        cluster.check_outcome();
        ASSERT_EQ(cluster.problem(), "");
        stopped += cluster.stopped();
    }
    EXPECT_GT(stopped, seeds() / 8);
}

}  // namespace
}  // namespace decklog::sim
