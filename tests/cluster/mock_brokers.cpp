#include "tests/cluster/mock_brokers.hpp"

#include <librdkafka/rdkafka_mock.h>

#include <stdexcept>

namespace decklog::cluster::mock {
namespace {

constexpr int kPatienceMs = 1'200;  // of a client, for an answer; it looks once a second
constexpr int kTooLateMs = 3'500;
/// Of the group; nothing happens to it: the mock's group does not bear that.
constexpr int kCoordinator = MockBrokers::kCount + 1;
constexpr std::int16_t kProduce = 0, kFetch = 1;

void must(rd_kafka_resp_err_t error) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
}

}  // namespace

MockBrokers::MockBrokers(int partitions) : partitions_(partitions) {
    options_.brokers = "unused";
    auto conf = store::kafka::configure(options_,
                                        {{"test.mock.num.brokers", std::to_string(kCoordinator)}});
    if (!conf) throw std::runtime_error(conf.error().context);
    auto handle = store::kafka::make_handle(RD_KAFKA_PRODUCER, *std::move(conf));
    if (!handle) throw std::runtime_error(handle.error().context);
    handle_ = *std::move(handle);
    cluster_ = rd_kafka_handle_mock_cluster(handle_.get());
    options_.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
    options_.topic = "mock";
    options_.properties = {{"socket.timeout.ms", std::to_string(kPatienceMs)},
                           {"reconnect.backoff.ms", "20"},
                           {"reconnect.backoff.max.ms", "100"}};
    for (const std::string& topic : {options_.topic, options_.topic + ".raw"})
        must(rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions_, kCount));
    lead(leader_);
    const std::string group = options_.topic + ".owners";
    must(rd_kafka_mock_coordinator_set(cluster_, "group", group.c_str(), kCoordinator));
}

void MockBrokers::lead(int broker) {
    leader_ = broker;
    for (const std::string& topic : {options_.topic, options_.topic + ".raw"}) {
        for (int partition = 0; partition < partitions_; ++partition)
            must(rd_kafka_mock_partition_set_leader(cluster_, topic.c_str(), partition, broker));
    }
}

void MockBrokers::take_down(int broker) { must(rd_kafka_mock_broker_set_down(cluster_, broker)); }

void MockBrokers::bring_up(int broker) { must(rd_kafka_mock_broker_set_up(cluster_, broker)); }

void MockBrokers::lose_acknowledgements(int requests) {
    push(kProduce, RD_KAFKA_RESP_ERR_NO_ERROR, kTooLateMs, requests);
}

void MockBrokers::refuse(rd_kafka_resp_err_t error, int requests) {
    push(kProduce, error, 0, requests);
}

void MockBrokers::answer_like_a_stale_leader(int requests) {
    push(kFetch, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, 0, requests);
}

void MockBrokers::push(std::int16_t request, rd_kafka_resp_err_t error, int rtt_ms, int requests) {
    for (int i = 0; i < requests; ++i)
        must(rd_kafka_mock_broker_push_request_error_rtts(cluster_, leader_, request, 1, error,
                                                          rtt_ms));
}

}  // namespace decklog::cluster::mock
