// Three nodes under load while things happen to them. What was answered 200 or 201 by any node is
// on every node exactly once, what was not is there at most once; positions and versions are dense;
// all nodes have the same chain; sending all of it again, to whichever node, adds nothing.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "tests/e2e/cluster_fixture.hpp"

namespace decklog::e2e::cluster {

using namespace std::chrono_literals;  // NOLINT: for tests alone

inline constexpr int kClientsANode = 3;

class ClusterTest : public WithCluster {
  protected:
    static bool is_soak() { return std::getenv("DECKLOG_SOAK") != nullptr; }
    [[nodiscard]] virtual int rounds() const { return is_soak() ? 20 : 2; }
    [[nodiscard]] virtual int clients_a_node() const { return kClientsANode; }

    /// Load on every node while `fault` happens, again and again. Returns the longest time until a
    /// node that was not hit wrote again.
    void under_load(const std::function<void()>& fault) {
        std::atomic<std::uint64_t> next{1};
        for (int round = 0; round < rounds(); ++round) {
            std::vector<std::unique_ptr<Load>> loads;
            for (std::size_t i = 0; i < cluster_->size(); ++i)
                loads.push_back(
                    std::make_unique<Load>(cluster_->door(i), history_, next, clients_a_node()));
            std::this_thread::sleep_for(500ms);
            fault();
            std::this_thread::sleep_for(500ms);
        }
        check();
    }

    void check() {
        ASSERT_TRUE(cluster_->wait_for_same_chain()) << cluster_->logs();
        const auto acknowledged = history_.acknowledged();
        EXPECT_GT(acknowledged.size(), 20U) << "too little load to mean anything";
        for (std::size_t i = 0; i < cluster_->size(); ++i) {
            EXPECT_EQ(broken_promises(read_log(cluster_->words_of(i)), acknowledged),
                      std::vector<std::string>{})
                << "node " << i << "\n"
                << cluster_->logs();
        }
        const auto sent = history_.sent();
        EXPECT_EQ(redeliver(cluster_->door(1), sent, kClientsANode), std::vector<std::string>{});
        EXPECT_EQ(redeliver(cluster_->door(2), sent, kClientsANode), std::vector<std::string>{});
        ASSERT_TRUE(cluster_->wait_for_same_chain());
        const LogSeen again = read_log(cluster_->words_of(0));
        EXPECT_EQ(again.tags.size(), count_tags(sent));
        EXPECT_EQ(broken_promises(again, {}), std::vector<std::string>{});
        std::printf("[ cluster  ] %d faults, %zu sent, %zu acknowledged, longest outage %lld ms\n",
                    rounds(), sent.size(), acknowledged.size(),
                    static_cast<long long>(longest_.count()));
    }

    void note_outage(std::size_t at) {
        longest_ = std::max(longest_, cluster_->time_until_it_writes(at));
    }
    [[nodiscard]] std::size_t another(std::size_t than) const {
        return (than + 1) % cluster_->size();
    }

    History history_;
    std::chrono::milliseconds longest_{0};
};

}  // namespace decklog::e2e::cluster
