// librdkafka's handles as owners, and its errors as ours.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>

#include "domain/result.hpp"

namespace decklog::store::kafka {

struct Destroy {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
    void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
    void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
    void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
    void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
    void operator()(rd_kafka_ConfigResource_t* of) const { rd_kafka_ConfigResource_destroy(of); }
    void operator()(rd_kafka_AdminOptions_t* of) const { rd_kafka_AdminOptions_destroy(of); }
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
    void operator()(const rd_kafka_metadata_t* metadata) const {
        rd_kafka_metadata_destroy(metadata);
    }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

/// An error that another try may mend: brokers away, leaders moving.
[[nodiscard]] inline tl::unexpected<domain::Error> kafka_error(const std::string& what,
                                                               rd_kafka_resp_err_t error) {
    return domain::fail(domain::ErrorCode::io, what + ": " + rd_kafka_err2str(error), true);
}

}  // namespace decklog::store::kafka
