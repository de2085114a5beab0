// A cluster of three nodes on one topic under a seeded scheduler, and an oracle that knows every
// command that was given and every answer that came. One thread, no clock: a seed is a run.
#pragma once

#include <map>
#include <string>

#include "tests/sim/node.hpp"

namespace decklog::sim {

struct Given {
    domain::CommandKey key{};  // zero: it has none
    std::string mark;          // in its event
    std::size_t acknowledged = 0;
    domain::Position position{};
};

class Cluster {
  public:
    explicit Cluster(std::uint64_t seed);

    void run(int steps);
    /// No more faults: everything lands, one owner, everyone applies everything.
    void heal();
    /// Takes `records` off the end of the topic.
    void cut_tail(std::int64_t records);
    /// What is wrong; empty: nothing.
    [[nodiscard]] const std::string& problem() const { return problem_; }
    /// Every node that still runs has the same bytes, and every acknowledged command once.
    void check_outcome();
    [[nodiscard]] std::size_t acknowledged() const;
    [[nodiscard]] std::size_t stopped() const;
    [[nodiscard]] std::int64_t topic_end() const { return topic_.end(); }
    bool may_stop = false;  // the tail was cut: nodes may refuse to go on

  private:
    void step();
    void work(Node& node);
    void give();
    void answered(std::size_t index, Node& node, const store::Answer& answer);
    void land_ghost();
    void change_owner();
    void check_stopped();
    void check_rows();
    [[nodiscard]] store::MemoryRows::Maps rows_of(const Node& node) const;
    void check_commands(const Node& node);
    void wrong(const std::string& what);
    [[nodiscard]] Node& some_node_at_work();
    [[nodiscard]] Node& some_node() { return *nodes_[below(rng_, nodes_.size())]; }

    const std::uint64_t seed_;
    const std::uint64_t calm_;  // how many times rarer faults are than in the wildest run
    Rng rng_;
    store::contract::FakeClock clock_;
    Topic topic_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::deque<Given> given_;
    std::string problem_;
};

}  // namespace decklog::sim
