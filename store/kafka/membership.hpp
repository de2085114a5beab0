// Which partitions the consumer group gives this node to own: an eager group that reads nothing. A
// hint only: two nodes that both believe to own a partition do no harm (judgement.hpp). One thread.
#pragma once

#include <set>

#include "store/kafka/bell.hpp"
#include "store/kafka/settings.hpp"

namespace decklog::store::kafka {

class Membership {
  public:
    /// Joins. `bell` rings when something changes; it outlives the membership. Errors:
    /// invalid_argument, io.
    [[nodiscard]] static domain::Result<std::unique_ptr<Membership>> join(
        const ClusterOptions& options, Bell& bell);
    ~Membership();
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    /// Turns the group's wheels; call it several times a second, or the node is taken for dead.
    void poll();
    [[nodiscard]] bool owns(std::uint32_t partition) const { return owned_.contains(partition); }
    /// So that another node need not wait for the session to time out.
    void leave();

  private:
    Membership() = default;
    static void on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t what,
                             rd_kafka_topic_partition_list_t* partitions, void* self);

    Owned<rd_kafka_t> handle_;
    std::set<std::uint32_t> owned_;
    bool left_ = false;
};

}  // namespace decklog::store::kafka
