#include "store/kafka/membership.hpp"

#include "store/log.hpp"

namespace decklog::store::kafka {

domain::Result<std::unique_ptr<Membership>> Membership::join(const ClusterOptions& options,
                                                             std::function<void()> news) {
    std::unique_ptr<Membership> membership(new Membership());
    membership->news_ = std::move(news);
    // 2.0.2: cooperative assignment loses partitions, static members fence themselves.
    auto conf = configure(options, {{"group.id", options.topic + ".owners"},
                                    {"partition.assignment.strategy", "roundrobin"},
                                    {"session.timeout.ms", "6000"},
                                    {"heartbeat.interval.ms", "1000"},
                                    {"enable.auto.commit", "false"},
                                    {"auto.offset.reset", "latest"}});
    if (!conf) return tl::unexpected(std::move(conf).error());
    rd_kafka_conf_set_opaque(conf->get(), membership.get());
    rd_kafka_conf_set_rebalance_cb(conf->get(), on_rebalance);
    auto handle = make_handle(RD_KAFKA_CONSUMER, *std::move(conf));
    if (!handle) return tl::unexpected(std::move(handle).error());
    membership->handle_ = *std::move(handle);
    rd_kafka_t* group = membership->handle_.get();
    rd_kafka_poll_set_consumer(group);
    const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_get_consumer(group));
    rd_kafka_queue_cb_event_enable(
        queue.get(), [](rd_kafka_t*, void* self) { static_cast<Membership*>(self)->news_(); },
        membership.get());
    const Owned<rd_kafka_topic_partition_list_t> topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), options.topic.c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto error = rd_kafka_subscribe(group, topics.get());
        error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_error("join the group of " + options.topic, error);
    return membership;
}

Membership::~Membership() { leave(); }

void Membership::on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t what,
                              rd_kafka_topic_partition_list_t* partitions, void* self) {
    auto& mine = *static_cast<Membership*>(self);
    mine.owned_.clear();
    if (what != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        rd_kafka_assign(handle, nullptr);
        return;
    }
    // Assigned, or the group takes us for idle; paused, since the replica does the reading.
    rd_kafka_assign(handle, partitions);
    rd_kafka_pause_partitions(handle, partitions);
    for (int i = 0; i < partitions->cnt; ++i)
        mine.owned_.insert(static_cast<std::uint32_t>(partitions->elems[i].partition));
}

void Membership::poll() {
    for (;;) {
        const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(handle_.get(), 0));
        if (message == nullptr) return;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            log_warn("kafka", {}, "the group of owners: {}", rd_kafka_err2str(message->err));
    }
}

void Membership::leave() {
    if (std::exchange(left_, true)) return;
    rd_kafka_consumer_close(handle_.get());
    owned_.clear();
}

}  // namespace decklog::store::kafka
