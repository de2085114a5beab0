// How to reach the cluster, and what librdkafka is told on top of it. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "store/kafka/handles.hpp"
#include "store/limits.hpp"

namespace decklog::store::kafka {

/// Of a record of `<topic>.raw`; the bodies that a server takes in are smaller.
inline constexpr std::size_t kRawRecordBytesMax = 5U << 20U;

struct ClusterOptions {
    std::string brokers;  // host:port, comma list
    std::string topic = "decklog";
    /// Of a topic that is made now; one that stands has to have as many.
    std::uint32_t partitions = 1;
    std::string url;          // where this node takes forwarded requests; may be empty
    bool allow_weak = false;  // a topic that may lose what was acknowledged
    /// [kafka.properties]: SASL, TLS and the like, handed through.
    std::map<std::string, std::string> properties{};
    /// For how long a broker's word that the topic was cut is doubted (kafka_consumer.hpp).
    std::chrono::milliseconds doubt_patience = limits::kDoubtPatience;
};

/// A configuration with these properties; ours, which the guarantee stands on, cannot be overridden
/// by the user's. Errors: invalid_argument, naming the property, never its value.
[[nodiscard]] domain::Result<Owned<rd_kafka_conf_t>> configure(
    const ClusterOptions& options, const std::map<std::string, std::string>& ours);

/// A handle of this kind. Takes the configuration. Errors: invalid_argument.
[[nodiscard]] domain::Result<Owned<rd_kafka_t>> make_handle(rd_kafka_type_t kind,
                                                            Owned<rd_kafka_conf_t> conf);

}  // namespace decklog::store::kafka
