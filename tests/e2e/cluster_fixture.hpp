// Tests of three real nodes that run when the test begins; skipped loudly without brokers.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "tests/e2e/cluster_nodes.hpp"

namespace decklog::e2e {

class WithCluster : public testing::Test {
  protected:
    void SetUp() override {
        if (test_brokers() == nullptr)
            GTEST_SKIP() << "no brokers: DECKLOG_TEST_KAFKA is not set (tools/kafka up 3)";
        cluster_ = std::make_unique<ClusterNodes>(partitions());
        arrange();
        if (IsSkipped()) return;
        ASSERT_TRUE(cluster_->start_all()) << cluster_->logs();
    }
    /// Of the topic.
    [[nodiscard]] virtual std::uint32_t partitions() const { return 1; }
    /// What is to be said of the nodes before they start; may skip the test.
    virtual void arrange() {}

    std::unique_ptr<ClusterNodes> cluster_;
};

}  // namespace decklog::e2e
