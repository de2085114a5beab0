// Which partitions the consumer group gives this node to own: an eager group that reads nothing. A
// hint only: two nodes that both believe to own a partition do no harm (judgement.hpp). One thread.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "store/kafka/settings.hpp"

namespace decklog::store::kafka {

class Membership {
  public:
    /// Joins. `news` is called, on a thread of librdkafka's, when there is something to poll.
    /// Errors: invalid_argument, io.
    [[nodiscard]] static domain::Result<std::unique_ptr<Membership>> join(
        const ClusterOptions& options, std::function<void()> news);
    ~Membership();
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    /// Turns the group's wheels; call it several times a second, or the node is taken for dead.
    void poll();
    [[nodiscard]] const std::set<std::uint32_t>& owned() const { return owned_; }
    /// So that another node need not wait for the session to time out.
    void leave();

  private:
    Membership() = default;
    static void on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t what,
                             rd_kafka_topic_partition_list_t* partitions, void* self);

    std::function<void()> news_;
    Owned<rd_kafka_t> handle_;
    std::set<std::uint32_t> owned_;
    bool left_ = false;
};

}  // namespace decklog::store::kafka
