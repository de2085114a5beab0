// A topic of several partitions on real brokers: one log each, one name, owners of their own.
#include <array>
#include <chrono>
#include <set>
#include <thread>

#include "store/frame/frame.hpp"
#include "tests/cluster/cluster_fixture.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::cluster {
namespace {

using namespace store;  // NOLINT: this file is about the store's parts
using namespace std::chrono_literals;

/// What Kafka lets anybody do to a topic that stands.
void give_partitions(kafka::ClusterOptions options, const std::string& suffix, std::size_t total) {
    options.topic += suffix;
    const auto handle =
        kafka::make_handle(RD_KAFKA_PRODUCER, kafka::configure(options, {}).value()).value();
    std::array<char, 256> why{};
    rd_kafka_NewPartitions_t* more =
        rd_kafka_NewPartitions_new(options.topic.c_str(), total, why.data(), why.size());
    const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle.get()));
    rd_kafka_CreatePartitions(handle.get(), &more, 1, nullptr, queue.get());
    const kafka::Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), 30'000));
    rd_kafka_NewPartitions_destroy(more);
    ASSERT_NE(event, nullptr);
    ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
}

class PartitionsTest : public ClusterTest {
  protected:
    PartitionsTest() { partitions_ = 3; }
    /// As a node waits before it serves: partition 0 takes nothing before the others have begun.
    void wait_until_all_have_begun() {
        const auto until = std::chrono::steady_clock::now() + 60s;
        for (std::uint32_t partition = 0; partition < partitions_; ++partition) {
            while (nodes_.begin()->second.ledger->head(partition).next_ordinal == 0) {
                ASSERT_LT(std::chrono::steady_clock::now(), until) << partition;
                std::this_thread::sleep_for(5ms);
            }
        }
    }
    void fill(int commits) {
        ASSERT_NO_FATAL_FAILURE(wait_until_all_have_begun());
        for (int i = 0; i < commits; ++i) {
            for (std::uint32_t partition = 0; partition < partitions_; ++partition) {
                const Answer answer = submit(contract::append("room/a"), partition);
                ASSERT_TRUE(answer) << answer.error().rejection.code;
                EXPECT_EQ(answer->first.partition, partition);
            }
        }
    }
};

TEST_F(PartitionsTest, BeginUnderOneNameAndAreWrittenEachInItsOrder) {
    start(1);
    fill(20);
    Ledger& ledger = *node(1).ledger;
    ASSERT_EQ(ledger.partitions(), 3U);
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        EXPECT_EQ(ledger.head(partition).next_ordinal, 21U);
        const auto first = ledger.frame_at({partition, 0}).value();
        const auto* created = first->event(0).payload_as<fb::LedgerCreated>();
        ASSERT_NE(created, nullptr);
        EXPECT_EQ(std::memcmp(created->ledger_id(), ledger.ledger_id().bytes.data(), 16), 0);
    }
    const Head before = ledger.head(2);
    stop(1);
    start(1);
    EXPECT_EQ(node(1).ledger->head(2).chain, before.chain);
}

TEST_F(PartitionsTest, AreSharedOutAndEveryNodeHasThemAll) {
    for (const int number : {1, 2, 3}) start(number);
    // Whoever came first has them all until the others have joined.
    std::set<int> owners;
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (owners.size() < 3 && std::chrono::steady_clock::now() < until) {
        owners.clear();
        for (std::uint32_t partition = 0; partition < 3; ++partition) {
            ASSERT_TRUE(wait_for_one_owner(partition));
            owners.insert(wait_for_owner(partition));
        }
    }
    EXPECT_EQ(owners.size(), 3U) << "one each";
    fill(50);
    EXPECT_TRUE(wait_for_same_heads());
    for (std::uint32_t partition = 0; partition < 3; ++partition)
        EXPECT_EQ(node(3).ledger->head(partition).next_ordinal, 51U);
}

TEST_F(PartitionsTest, OfANodeThatLeavesAreTakenOver) {
    for (const int number : {1, 2}) start(number);
    fill(5);
    stop(wait_for_owner(1));
    fill(5);
    const Ledger& left = *nodes_.begin()->second.ledger;
    for (std::uint32_t partition = 0; partition < 3; ++partition)
        EXPECT_EQ(left.head(partition).next_ordinal, 11U);
}

TEST_F(PartitionsTest, AddedToALogThatHadBegunAreNeverWritten) {
    partitions_ = 1;
    start(1);
    ASSERT_TRUE(submit(contract::append("room/a")));
    stop(1);
    for (const char* suffix : {"", ".raw"}) give_partitions(options(), suffix, 2);
    partitions_ = 2;
    start(2);
    const auto until = std::chrono::steady_clock::now() + 60s;
    const auto facts = [this] { return node(2).partitions.at(1)->facts(); };
    while (facts().follows.empty() && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(20ms);
    EXPECT_NE(facts().follows.find("after its log had begun"), std::string::npos);
    EXPECT_FALSE(facts().is_owned);
    EXPECT_EQ(node(2).ledger->head(1).next_ordinal, 0U);
}

TEST_F(PartitionsTest, KeepTheNumberTheyWereMadeWith) {
    start(1);
    stop(1);
    auto more = options();
    more.partitions = 4;
    const auto opened = kafka::open_kafka_ledger(root(2), more, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, domain::ErrorCode::invalid_argument);
    EXPECT_NE(opened.error().context.find("has 3 partitions, not the 4"), std::string::npos)
        << opened.error().context;
}

}  // namespace
}  // namespace decklog::cluster
