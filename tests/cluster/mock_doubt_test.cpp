// A broker's word that the topic ends before where a node reads. One that hung and wakes up says so
// for some seconds, and stops nobody; a topic that was cut stops whoever had read on.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "store/kafka/kafka_consumer.hpp"
#include "store/kafka/partition.hpp"
#include "store/rows/memory_rows.hpp"
#include "tests/cluster/mock_brokers.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::cluster::mock {

using namespace store;  // NOLINT: this file is about the store's parts
using namespace std::chrono_literals;

template <class Condition>
bool comes_to(const Condition& holds) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

Answer submit(kafka::Partition& node, const std::string& stream) {
    std::promise<Answer> said;
    std::vector<Submission> one{contract::append(stream)};
    node.submit(std::move(one),
                [&said](const std::vector<Answer>& answers) { said.set_value(answers.front()); });
    return said.get_future().get();
}

TEST(MockDoubt, AStaleLeaderStopsNobody) {
    MockBrokers brokers;
    MemoryRows rows;
    const auto node =
        kafka::Partition::start(rows, 0, std::make_shared<kafka::Node>(brokers.options()),
                                brokers.options(), {})
            .value();
    ASSERT_TRUE(comes_to([&] { return node->facts().is_live; }));
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(submit(*node, "ext/a"));
        brokers.answer_like_a_stale_leader(2);
        EXPECT_TRUE(comes_to([&] { return submit(*node, "ext/a").has_value(); }));
        EXPECT_EQ(node->facts().stopped, "");
    }
}

TEST(MockDoubt, ATopicThatStaysCutStopsWhoeverHadReadOn) {
    MockBrokers brokers;
    kafka::ClusterOptions options = brokers.options();
    options.doubt_patience = 1500ms;
    kafka::Bell bell;
    auto consumer = kafka::KafkaConsumer::open(options, 0, bell);
    ASSERT_TRUE(consumer);
    ASSERT_TRUE(consumer->read_from(1'000));
    const auto began = std::chrono::steady_clock::now();
    std::optional<domain::Error> stopped;
    ASSERT_TRUE(comes_to([&] {
        const auto fetched = consumer->fetch();
        if (fetched) {
            EXPECT_TRUE(fetched->empty());
        } else {
            stopped = fetched.error();
        }
        return stopped.has_value();
    }));
    EXPECT_GT(std::chrono::steady_clock::now() - began, options.doubt_patience);
    EXPECT_EQ(stopped->code, domain::ErrorCode::corrupt);
    EXPECT_NE(stopped->context.find("it was cut"), std::string::npos) << stopped->context;
}

}  // namespace decklog::cluster::mock
