#include "store/kafka/settings.hpp"

#include <array>

#include "store/log.hpp"

namespace decklog::store::kafka {
namespace {

/// librdkafka's own log lines go where ours go.
void log_line(const rd_kafka_t*, int level, const char* facility, const char* text) {
    if (level <= 4) log_warn("kafka", {}, "{}: {}", facility, text);
}

domain::Result<void> set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value) {
    std::array<char, 256> why{};
    const auto result =
        rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), why.data(), why.size());
    if (result == RD_KAFKA_CONF_OK) return {};
    // librdkafka's text quotes the value, which may be a secret.
    return domain::fail(domain::ErrorCode::invalid_argument,
                        result == RD_KAFKA_CONF_UNKNOWN
                            ? "kafka.properties: " + name + " is not a property of librdkafka"
                            : "kafka.properties: " + name + " has a value that it cannot take");
}

}  // namespace

domain::Result<Owned<rd_kafka_conf_t>> configure(const ClusterOptions& options,
                                                 const std::map<std::string, std::string>& ours) {
    Owned<rd_kafka_conf_t> conf(rd_kafka_conf_new());
    rd_kafka_conf_set_log_cb(conf.get(), log_line);
    for (const auto& [name, value] : options.properties) {
        if (ours.contains(name)) {
            return domain::fail(domain::ErrorCode::invalid_argument,
                                "kafka.properties: " + name + " is decklog's to set");
        }
        if (auto done = set(*conf, name, value); !done) return tl::unexpected(done.error());
    }
    if (auto done = set(*conf, "bootstrap.servers", options.brokers); !done)
        return tl::unexpected(done.error());
    for (const auto& [name, value] : ours) {
        if (auto done = set(*conf, name, value); !done) return tl::unexpected(done.error());
    }
    return conf;
}

domain::Result<Owned<rd_kafka_t>> make_handle(rd_kafka_type_t kind, Owned<rd_kafka_conf_t> conf) {
    std::array<char, 512> why{};
    rd_kafka_t* handle = rd_kafka_new(kind, conf.get(), why.data(), why.size());
    if (handle == nullptr) return domain::fail(domain::ErrorCode::invalid_argument, why.data());
    static_cast<void>(conf.release());  // the handle owns it now
    return Owned<rd_kafka_t>(handle);
}

}  // namespace decklog::store::kafka
