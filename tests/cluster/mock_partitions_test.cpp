// Two partitions of one node on brokers of this process: what they share.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "domain/limits.hpp"
#include "store/frame/frame.hpp"
#include "store/frame/frame_header.hpp"
#include "store/kafka/partition.hpp"
#include "store/rows/log_rows.hpp"
#include "store/rows/memory_rows.hpp"
#include "tests/cluster/mock_brokers.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::cluster::mock {

using namespace store;  // NOLINT: this file is about the store's parts

constexpr std::uint32_t kPartitions = 2;

/// A node without a ledger around it.
struct NodeOfTwo {
    NodeOfTwo(MemoryRows& rows, kafka::ClusterOptions options, const LedgerOptions& ledger,
              std::uint32_t count = kPartitions) {
        options.partitions = count;
        const auto node = std::make_shared<kafka::Node>(options);
        for (std::uint32_t number = 0; number < count; ++number) {
            partitions.push_back(
                kafka::Partition::start(rows, number, node, options, ledger).value());
        }
    }
    template <class Condition>
    [[nodiscard]] static bool wait_until(const Condition& holds) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!holds()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return true;
    }
    [[nodiscard]] bool is_live(std::uint32_t number) const {
        return partitions[number]->facts().is_live;
    }
    [[nodiscard]] bool has_begun(std::uint32_t number) const {
        return partitions[number]->head().next_ordinal > 0;
    }
    Answer submit(std::uint32_t number) {
        std::promise<Answer> said;
        std::vector<Submission> one{contract::append("room/a")};
        partitions[number]->submit(std::move(one), [&said](const std::vector<Answer>& answers) {
            said.set_value(answers.front());
        });
        return said.get_future().get();
    }

    std::vector<std::unique_ptr<kafka::Partition>> partitions;
};

TEST(MockPartitions, BeginUnderTheNameThatTheFirstOneGave) {
    const MockBrokers brokers(kPartitions);
    MemoryRows rows;
    NodeOfTwo node(rows, brokers.options(), {});
    // As a node waits before it serves.
    ASSERT_TRUE(NodeOfTwo::wait_until(
        [&] { return node.has_begun(0) && node.has_begun(1) && node.is_live(0); }));
    for (std::uint32_t number = 0; number < kPartitions; ++number) {
        const Answer answer = node.submit(number);
        ASSERT_TRUE(answer) << answer.error().rejection.code;
        EXPECT_EQ(answer->first, (domain::Position{number, 1}));
    }
    const auto name = stored_identity(rows, 0).value();
    ASSERT_TRUE(name);
    EXPECT_EQ(stored_identity(rows, 1).value(), name);
    EXPECT_EQ(frame_at(rows, {1, 0}).value()->header().ledger, ledger_prefix(*name));
}

TEST(MockPartitions, ThatWereAddedToALogThatGoesOnAreNeverWritten) {
    const MockBrokers brokers(kPartitions);
    {
        MemoryRows rows;
        NodeOfTwo node(rows, brokers.options(), {}, 1);
        ASSERT_TRUE(NodeOfTwo::wait_until([&] { return node.is_live(0); }));
        ASSERT_TRUE(node.submit(0));
    }
    MemoryRows rows;
    const NodeOfTwo node(rows, brokers.options(), {});
    EXPECT_TRUE(NodeOfTwo::wait_until([&] {
        const auto follows = node.partitions[1]->facts().follows;
        return follows.find("after its log had begun") != std::string::npos;
    }));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    EXPECT_FALSE(node.is_live(0) || node.is_live(1)) << "this node is to own nothing";
    EXPECT_FALSE(stored_head(rows, 1).value()) << "it was begun";
}

TEST(MockPartitions, AreAllGivenUpWhenOneOfThemMayNotBeOwned) {
    const MockBrokers brokers(kPartitions);
    MemoryRows rows;
    LedgerOptions newer;  // its log begins at a level that this release does not know
    newer.new_log_level = domain::limits::kLogLevel + 1;
    const NodeOfTwo node(rows, brokers.options(), newer);
    EXPECT_TRUE(NodeOfTwo::wait_until([&] {
        return !node.partitions[0]->facts().follows.empty() &&
               !node.partitions[0]->facts().is_owned && !node.partitions[1]->facts().is_owned;
    }));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < until) {
        ASSERT_FALSE(node.partitions[1]->facts().is_owned) << "asked for again";
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace decklog::cluster::mock
