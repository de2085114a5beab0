#include "tests/cluster/cluster_fixture.hpp"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "domain/limits.hpp"

namespace decklog::cluster {

using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 60s;

template <class Condition>
bool wait_until(const Condition& holds) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

}  // namespace

void ClusterTest::SetUp() {
    if (std::getenv("DECKLOG_TEST_KAFKA") == nullptr)
        GTEST_SKIP() << "no brokers: DECKLOG_TEST_KAFKA is not set (tools/kafka up 3)";
    static int tests = 0;
    topic_ = "decklog-test-" + std::to_string(getpid()) + "-" + std::to_string(++tests);
    root_ = std::filesystem::path(testing::TempDir()) / topic_;
    std::filesystem::create_directories(root_);
}

void ClusterTest::TearDown() {
    nodes_.clear();
    if (!root_.empty()) std::filesystem::remove_all(root_);
}

store::kafka::ClusterOptions ClusterTest::options() const {
    store::kafka::ClusterOptions options;
    options.brokers = std::getenv("DECKLOG_TEST_KAFKA");
    options.topic = topic_;
    options.partitions = partitions_;
    return options;
}

std::filesystem::path ClusterTest::root(int node) const {
    return root_ / ("node-" + std::to_string(node));
}

store::kafka::KafkaLedger& ClusterTest::start(int node) {
    std::filesystem::create_directories(root(node));
    auto opened = store::kafka::open_kafka_ledger(root(node), options(), {});
    if (!opened) throw std::runtime_error(opened.error().context);
    return nodes_.insert_or_assign(node, *std::move(opened)).first->second;
}

int ClusterTest::wait_for_owner(std::uint32_t partition) {
    int owner = -1;
    const bool found = wait_until([&] {
        for (const auto& [number, ledger] : nodes_) {
            if (ledger.partitions.at(partition)->facts().is_live) owner = number;
        }
        return owner >= 0;
    });
    if (!found) throw std::runtime_error("no node came to own the partition");
    return owner;
}

bool ClusterTest::wait_for_one_owner(std::uint32_t partition) {
    return wait_until([&] {
        return std::count_if(nodes_.begin(), nodes_.end(), [partition](const auto& each) {
                   return each.second.partitions.at(partition)->facts().is_live;
               }) == 1;
    });
}

store::Answer ClusterTest::submit(store::Submission submission, std::uint32_t partition) {
    for (;;) {
        auto& ledger = *node(wait_for_owner(partition)).ledger;
        std::vector<store::Submission> one{submission};
        auto answers = store::submit_and_wait(ledger, partition, std::move(one));
        const bool moved =
            !answers.front() && answers.front().error().kind == store::Refused::not_owner;
        if (!moved) return answers.front();
    }
}

bool ClusterTest::wait_for_same_heads() {
    return wait_until([&] {
        const store::Ledger& first = *nodes_.begin()->second.ledger;
        return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& each) {
            for (std::uint32_t partition = 0; partition < partitions_; ++partition) {
                const store::Head one = first.head(partition);
                const store::Head other = each.second.ledger->head(partition);
                if (one.next_ordinal != other.next_ordinal || one.chain != other.chain)
                    return false;
            }
            return true;
        });
    });
}

}  // namespace decklog::cluster
