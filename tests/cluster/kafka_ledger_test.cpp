#include <cstring>
#include <future>
#include <thread>

#include "store/kafka/topic.hpp"
#include "store/limits.hpp"
#include "store/verify/verify.hpp"
#include "tests/cluster/cluster_fixture.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::cluster {
namespace {

using namespace store;  // NOLINT: this file is about the store's parts

class KafkaLedgerTest : public ClusterTest {};

TEST_F(KafkaLedgerTest, MakesItsTopicSoThatNothingAcknowledgedCanBeLost) {
    const auto plan = kafka::log_topic(options(), 1);
    const auto topic = kafka::open_topic(options(), plan);
    ASSERT_TRUE(topic) << topic.error().context;
    EXPECT_EQ(topic->partitions, 1);
    EXPECT_EQ(kafka::weaknesses(*topic, plan), std::vector<std::string>{});
}

TEST_F(KafkaLedgerTest, OneNodeWritesAndFindsItsTopicAgain) {
    start(1);
    const Answer first = submit(contract::append("ext/a"));
    ASSERT_TRUE(first) << first.error().rejection.code;
    EXPECT_EQ(first->first.ordinal, 1U) << "behind LedgerCreated";
    const Head before = node(1).ledger->head(0);
    stop(1);
    start(1);
    EXPECT_EQ(node(1).ledger->head(0).chain, before.chain);
    const Answer second = submit(contract::append("ext/a"));
    ASSERT_TRUE(second) << second.error().rejection.code;
    EXPECT_EQ(second->first.ordinal, 2U);
}

TEST_F(KafkaLedgerTest, HowManyRequestsAreOutIsTheUsersToSay) {
    for (const char* name : {"max.in.flight", "max.in.flight.requests.per.connection"}) {
        auto given = options();
        given.topic += std::string("-") + name;
        given.properties[name] = "5";
        std::filesystem::create_directories(root(1) / name);
        auto opened = kafka::open_kafka_ledger(root(1) / name, given, {});
        ASSERT_TRUE(opened) << opened.error().context;
        nodes_.insert_or_assign(1, *std::move(opened));
        EXPECT_TRUE(submit(contract::append("ext/a"))) << name;
        stop(1);
    }
}

TEST_F(KafkaLedgerTest, ThreeNodesHaveTheSameLogAndOneWrites) {
    for (const int number : {1, 2, 3}) start(number);
    for (int i = 0; i < 200; ++i) {
        const Answer answer = submit(contract::append("ext/" + std::to_string(i % 7)));
        ASSERT_TRUE(answer) << answer.error().rejection.code;
    }
    EXPECT_TRUE(wait_for_same_heads());
    EXPECT_EQ(node(3).ledger->head(0).next_ordinal, 201U);
    EXPECT_TRUE(wait_for_one_owner());
}

TEST_F(KafkaLedgerTest, AnotherNodeTakesOverWhenTheOwnerLeaves) {
    for (const int number : {1, 2}) start(number);
    ASSERT_TRUE(submit(contract::append("ext/a")));
    stop(wait_for_owner());
    const Answer answer = submit(contract::append("ext/a"));
    ASSERT_TRUE(answer) << answer.error().rejection.code;
    EXPECT_EQ(answer->first.ordinal, 2U);
}

/// So far that it takes what it finds as sorted files, and comes to the end of librdkafka's queue.
TEST_F(KafkaLedgerTest, ANewNodeFarBehindHasTheSameLogAndEveryRowOfIt) {
    constexpr std::size_t kCommits = limits::kBulkRecords + limits::kBulkRecords / 2;
    constexpr std::size_t kCommitsACall = 2'000;
    start(1);
    ASSERT_EQ(wait_for_owner(), 1);
    std::uint64_t number = 0;
    while (number < kCommits) {
        std::vector<Submission> call;
        for (std::size_t i = 0; i < kCommitsACall; ++i, ++number) {
            call.push_back(contract::append("ext/" + std::to_string(number % 5'000)));
            std::memcpy(call.back().key.emplace().bytes.data(), &number, sizeof number);
        }
        for (const Answer& answer : submit_and_wait(*node(1).ledger, 0, std::move(call)))
            ASSERT_TRUE(answer) << answer.error().rejection.code;
    }
    start(2);
    ASSERT_TRUE(wait_for_same_heads());
    const auto report = verify(*node(2).ledger, {});
    ASSERT_TRUE(report) << report.error().context;
    EXPECT_TRUE(report->ok()) << report->problem;
    EXPECT_EQ(report->events, number + 1) << "and LedgerCreated";
    EXPECT_EQ(report->commands, number);
}

TEST_F(KafkaLedgerTest, RefusesADirectoryOfAnotherTopic) {
    start(1);
    ASSERT_TRUE(submit(contract::append("ext/a")));
    stop(1);
    auto other = options();
    other.topic += "-other";
    const auto opened = kafka::open_kafka_ledger(root(1), other, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, domain::ErrorCode::corrupt) << opened.error().context;
}

TEST_F(KafkaLedgerTest, ARepeatIsAnsweredWithWhatWasSaidBefore) {
    start(1);
    const auto keyed = [] {
        return contract::keyed(contract::append("ext/a"), contract::key(3), contract::hash(3));
    };
    const Answer first = submit(keyed());
    const Answer again = submit(keyed());
    ASSERT_TRUE(first && again);
    EXPECT_EQ(again->outcome, Outcome::repeated);
    EXPECT_EQ(again->first, first->first);
}

}  // namespace
}  // namespace decklog::cluster
