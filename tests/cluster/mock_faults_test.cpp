// What brokers and networks do to a producer, on brokers that can be told to do it
// (mock_brokers.hpp), while commands come in at two nodes. Needs no real brokers. DECKLOG_SOAK: 10
// runs in place of 1; DECKLOG_SOAK_SEED: the order of the faults.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "tests/cluster/mock_cluster.hpp"

namespace decklog::cluster::mock {

using namespace std::chrono_literals;

using Fault = void (*)(MockCluster&);

int another_broker(const MockBrokers& brokers) {
    return brokers.leader() % MockBrokers::kCount + 1;
}

void an_acknowledgement_is_lost(MockCluster& cluster) {
    cluster.brokers().lose_acknowledgements(1);
    std::this_thread::sleep_for(3s);
}

/// Longer than the producer is given: it is thrown away, and what it had may have landed.
void acknowledgements_are_lost_until_the_producer_is_given_up(MockCluster& cluster) {
    cluster.brokers().lose_acknowledgements(6);
    std::this_thread::sleep_for(8s);
}

void the_leader_moves(MockCluster& cluster) {
    cluster.brokers().lead(another_broker(cluster.brokers()));
}

void the_leader_moves_and_acknowledgements_are_lost(MockCluster& cluster) {
    cluster.brokers().lose_acknowledgements(2);
    std::this_thread::sleep_for(100ms);
    the_leader_moves(cluster);
    cluster.brokers().lose_acknowledgements(2);
    std::this_thread::sleep_for(1s);
}

void the_leader_goes_down_and_another_leads(MockCluster& cluster) {
    const int down = cluster.brokers().leader();
    cluster.brokers().take_down(down);
    std::this_thread::sleep_for(300ms);
    the_leader_moves(cluster);
    std::this_thread::sleep_for(500ms);
    cluster.brokers().bring_up(down);
}

void nobody_leads_for_a_while(MockCluster& cluster) {
    cluster.brokers().take_down(cluster.brokers().leader());
    std::this_thread::sleep_for(1s);
    cluster.brokers().bring_up(cluster.brokers().leader());
}

void connections_break(MockCluster& cluster) {
    cluster.brokers().refuse(RD_KAFKA_RESP_ERR__TRANSPORT, 3);
    std::this_thread::sleep_for(500ms);
}

/// What was sent behind a request that is turned away is taken: a gap, which breaks the epoch.
void requests_are_turned_away(MockCluster& cluster) {
    cluster.brokers().refuse(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 3);
    std::this_thread::sleep_for(500ms);
}

void nodes_leave_and_return(MockCluster& cluster) {
    for (std::size_t node = 0; node < MockCluster::kNodes; ++node) cluster.restart(node);
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(MockFaults, AcknowledgedOnceWhateverBecomesOfRecordsAndAcknowledgements) {
    std::vector<Fault> faults{an_acknowledgement_is_lost,
                              acknowledgements_are_lost_until_the_producer_is_given_up,
                              the_leader_moves,
                              the_leader_moves_and_acknowledgements_are_lost,
                              the_leader_goes_down_and_another_leads,
                              nobody_leads_for_a_while,
                              connections_break,
                              requests_are_turned_away,
                              nodes_leave_and_return};
    const int runs = std::getenv("DECKLOG_SOAK") != nullptr ? 10 : 1;
    std::mt19937_64 order(number_from("DECKLOG_SOAK_SEED", 1));
    for (int run = 0; run < runs; ++run) {
        MockCluster cluster;
        std::shuffle(faults.begin(), faults.end(), order);
        for (const Fault fault : faults) {
            fault(cluster);
            ASSERT_TRUE(cluster.writes()) << "run " << run << ": " << cluster.check();
            std::this_thread::sleep_for(500ms);
        }
        ASSERT_EQ(cluster.check(), "") << "run " << run;
        EXPECT_GT(cluster.acknowledged(), 300U) << "too little load to mean anything";
        EXPECT_GT(cluster.doubled(), 0U) << "no acknowledgement was lost";
        std::printf("[ mock     ] %zu acknowledged, %zu in the topic more than once\n",
                    cluster.acknowledged(), cluster.doubled());
    }
}

}  // namespace decklog::cluster::mock
