// A log above the level of this release: read, and not written. On brokers of this process.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "domain/limits.hpp"
#include "store/kafka/partition.hpp"
#include "store/rows/memory_rows.hpp"
#include "tests/cluster/mock_brokers.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::cluster::mock {

using namespace store;  // NOLINT: this file is about the store's parts

TEST(MockLevel, ANodeBelowTheLogsLevelFollowsAndDoesNotOwn) {
    const MockBrokers brokers;
    MemoryRows rows;
    LedgerOptions newer;  // its log begins at a level that this release does not know
    newer.new_log_level = domain::limits::kLogLevel + 1;
    const auto node =
        kafka::Partition::start(rows, 0, std::make_shared<kafka::Node>(brokers.options()),
                                brokers.options(), newer)
            .value();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    const auto only_follows = [&node] {
        const kafka::PartitionFacts facts = node->facts();
        return !facts.follows.empty() && !facts.is_owned;  // it owned while the log was empty
    };
    while (!only_follows()) {
        ASSERT_LT(std::chrono::steady_clock::now(), until);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(node->head().next_ordinal, 1U) << "it reads on";
    std::promise<Answer> said;
    std::vector<Submission> one{contract::append("ext/a")};
    node->submit(std::move(one),
                 [&said](const std::vector<Answer>& answers) { said.set_value(answers.front()); });
    const Answer refused = said.get_future().get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Refused::not_owner);
}

}  // namespace decklog::cluster::mock
