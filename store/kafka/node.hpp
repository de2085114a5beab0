// What the partitions of one node share. One member of the group of owners for all of them: the
// group hands partitions out by the topic, and a node that asked once for each would be given some
// that another of its threads waits for. And what partition 0 says for the whole ledger: its name,
// which the others begin with, and its level, which they follow. Thread-safe: each partition's
// thread asks for its own.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "domain/ids.hpp"
#include "store/kafka/bell.hpp"
#include "store/kafka/membership.hpp"
#include "store/kafka/settings.hpp"

namespace decklog::store::kafka {

/// May a partition be owned by this node, and is it near enough to the log's end to ask for it?
struct Candidacy {
    bool may_own = false;
    bool is_near = false;
};

class Node {
  public:
    explicit Node(const ClusterOptions& cluster)
        : cluster_(cluster), candidacies_(cluster.partitions), bells_(cluster.partitions) {}

    /// Before the partition's thread begins. The bell rings when what the node owns changes, and
    /// when the group has news; it outlives the partition's last call of `owns`.
    void enrol(std::uint32_t partition, Bell& bell);
    /// Turns the group's wheels; call it several times a second. Joins once every partition may be
    /// owned and is near; leaves as soon as one may not: whoever takes over takes over all of them.
    [[nodiscard]] bool owns(std::uint32_t partition, const Candidacy& candidacy);
    /// The partition's thread ends. The last one leaves the group.
    void finish(std::uint32_t partition);

    /// Partition 0 has come to be called this, at this level; `goes_on`: it holds more than its
    /// LedgerCreated. It never does before all partitions have theirs, since no node serves before.
    void tell(const domain::LedgerId& ledger, std::uint32_t level, bool goes_on);
    /// What a partition that begins is called. nullopt: partition 0 has not begun yet, or it goes
    /// on already, and then a partition that has not begun was added to a log that had fewer: what
    /// lives in the others would go on in two places.
    [[nodiscard]] std::optional<domain::LedgerId> ledger_to_begin() const;
    [[nodiscard]] bool goes_on() const { return goes_on_; }
    [[nodiscard]] std::uint32_t level() const { return level_; }

  private:
    [[nodiscard]] bool all(bool Candidacy::*said) const;
    void ring_all();

    const ClusterOptions cluster_;
    std::mutex mutex_;
    std::vector<Candidacy> candidacies_;
    std::size_t finished_ = 0;
    std::unique_ptr<Membership> membership_;
    std::set<std::uint32_t> owned_;
    std::atomic<std::uint32_t> level_{0};
    std::atomic<bool> goes_on_{false};
    mutable std::mutex told_mutex_;  // of what follows; `mutex_` is held while the group is left
    std::optional<domain::LedgerId> ledger_;
    std::vector<Bell*> bells_;  // null: not enrolled, or finished
};

}  // namespace decklog::store::kafka
