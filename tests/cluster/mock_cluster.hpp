// Two nodes of this process on brokers of this process, clients that send commands to both all the
// time, and an oracle that knows every command and every answer. What is real: the partition with
// its thread, producer, consumer and group membership. What is not: brokers, disks.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "store/kafka/partition.hpp"
#include "store/rows/memory_rows.hpp"
#include "tests/cluster/mock_brokers.hpp"

namespace decklog::cluster::mock {

class MockCluster {
  public:
    static constexpr std::size_t kNodes = 2;

    /// Nodes start, clients begin, and the first commands are acknowledged.
    MockCluster();
    ~MockCluster();
    MockCluster(const MockCluster&) = delete;
    MockCluster& operator=(const MockCluster&) = delete;

    [[nodiscard]] MockBrokers& brokers() { return brokers_; }
    /// The node leaves the group and is started again on the rows that it has.
    void restart(std::size_t node);

    /// Waits until more is acknowledged than there is now; false: nothing is.
    [[nodiscard]] bool writes() const;

    /// Ends the clients and waits for the nodes to have applied everything. Returns what is wrong;
    /// empty: each acknowledged command is there exactly once, where the answer said, each other at
    /// most once, positions are dense, and both nodes have the rows, byte for byte, of one that
    /// reads the topic from its beginning.
    [[nodiscard]] std::string check();

    [[nodiscard]] std::size_t acknowledged() const;
    /// Commits that stand in the topic more than once, counted by `check`.
    [[nodiscard]] std::size_t doubled() const { return doubled_; }

  private:
    struct Node {
        store::MemoryRows rows;
        std::shared_ptr<store::kafka::Partition> partition;  // guarded by mutex_
    };
    struct Command {
        std::string mark;  // in its event
        bool has_key = false;
        bool is_acknowledged = false;
        domain::Position position{};
    };
    using Numbers = std::vector<std::size_t>;  // of commands

    void start(Node& node);
    [[nodiscard]] std::shared_ptr<store::kafka::Partition> partition_of(std::size_t node);

    void send(std::size_t client);
    [[nodiscard]] Numbers next_commands(std::mt19937_64& dice);
    [[nodiscard]] std::vector<store::Submission> submissions_of(const Numbers& numbers);
    [[nodiscard]] std::vector<store::Answer> ask(std::size_t node, const Numbers& numbers);
    [[nodiscard]] Numbers keep_answers(const Numbers& numbers,
                                       const std::vector<store::Answer>& answers);
    void finish();

    void read_topic(store::MemoryRows& rows);
    void check_commands(const store::RowReader& rows);
    void wrong(const std::string& what);

    MockBrokers brokers_;
    mutable std::mutex mutex_;
    std::array<Node, kNodes> nodes_;
    std::deque<Command> commands_;  // guarded by mutex_
    std::string problem_;           // guarded by mutex_
    std::size_t doubled_ = 0;
    std::atomic<bool> stop_{false};
    std::vector<std::thread> clients_;
};

}  // namespace decklog::cluster::mock
