// Nodes of one process on real brokers. DECKLOG_TEST_KAFKA: their bootstrap list, as `tools/kafka
// up 3` prints it; without it these tests skip.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>

#include "store/kafka/kafka_ledger.hpp"

namespace decklog::cluster {

class ClusterTest : public testing::Test {
  protected:
    void SetUp() override;
    void TearDown() override;

    store::kafka::KafkaLedger& start(int node);
    void stop(int node) { nodes_.erase(node); }
    [[nodiscard]] store::kafka::KafkaLedger& node(int number) { return nodes_.at(number); }
    [[nodiscard]] store::kafka::ClusterOptions options() const;
    [[nodiscard]] std::filesystem::path root(int node) const;

    /// The node that may write the partition, once there is one.
    [[nodiscard]] int wait_for_owner(std::uint32_t partition = 0);
    /// One and no more: none while the group hands the partition on to a node that joined.
    [[nodiscard]] bool wait_for_one_owner(std::uint32_t partition = 0);
    /// At whichever node owns the partition now; again while it moves.
    store::Answer submit(store::Submission submission, std::uint32_t partition = 0);
    /// Every running node has applied everything: the same head of every partition.
    [[nodiscard]] bool wait_for_same_heads();

    std::map<int, store::kafka::KafkaLedger> nodes_;
    std::uint32_t partitions_ = 1;  // of the topic; before the first start

  private:
    std::filesystem::path root_;
    std::string topic_;
};

}  // namespace decklog::cluster
