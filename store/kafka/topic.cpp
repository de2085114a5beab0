#include "store/kafka/topic.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "domain/limits.hpp"

namespace decklog::store::kafka {
namespace {

constexpr int kAskMs = 10'000;
constexpr int kReplicas = 3;
constexpr int kNewsTries = 20;
constexpr std::chrono::milliseconds kNewsPause{100};
/// A commit at its largest, its transport header, and what Kafka adds.
constexpr std::size_t kRecordBytesMax = domain::limits::kCommitBytesMax + 4'096;

class Admin {
  public:
    static domain::Result<Admin> open(const ClusterOptions& options) {
        auto conf = configure(options, {});
        if (!conf) return tl::unexpected(std::move(conf).error());
        auto handle = make_handle(RD_KAFKA_PRODUCER, *std::move(conf));
        if (!handle) return tl::unexpected(std::move(handle).error());
        return Admin(*std::move(handle));
    }

    struct Shape {
        int brokers = 0, partitions = 0, replication = 0;  // 0 partitions: there is no such topic
    };
    [[nodiscard]] domain::Result<Shape> shape_of(const std::string& topic) const {
        const rd_kafka_metadata_t* asked = nullptr;
        const auto error = rd_kafka_metadata(handle_.get(), 1, nullptr, &asked, kAskMs);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error("ask the brokers", error);
        const Owned<const rd_kafka_metadata_t> metadata(asked);
        Shape shape{metadata->broker_cnt, 0, 0};
        for (int i = 0; i < metadata->topic_cnt; ++i) {
            const rd_kafka_metadata_topic_t& each = metadata->topics[i];
            if (topic != each.topic || each.partition_cnt == 0) continue;
            shape.partitions = each.partition_cnt;
            shape.replication = each.partitions[0].replica_cnt;
        }
        return shape;
    }

    [[nodiscard]] domain::Result<void> create(const std::string& name, int partitions,
                                              int replication) const {
        std::array<char, 256> why{};
        const Owned<rd_kafka_NewTopic_t> topic(
            rd_kafka_NewTopic_new(name.c_str(), partitions, replication, why.data(), why.size()));
        if (topic == nullptr) return domain::fail(domain::ErrorCode::invalid_argument, why.data());
        const std::pair<const char*, std::string> settings[] = {
            {"cleanup.policy", "delete"},
            {"retention.ms", "-1"},
            {"retention.bytes", "-1"},
            {"min.insync.replicas", std::to_string(std::min(2, replication))},
            {"unclean.leader.election.enable", "false"},
            {"compression.type", "producer"},
            {"max.message.bytes", std::to_string(kRecordBytesMax)}};
        for (const auto& [setting, value] : settings)
            rd_kafka_NewTopic_set_config(topic.get(), setting, value.c_str());
        rd_kafka_NewTopic_t* topics[] = {topic.get()};
        auto event = ask(RD_KAFKA_ADMIN_OP_CREATETOPICS,
                         [&](const rd_kafka_AdminOptions_t* how, rd_kafka_queue_t* queue) {
                             rd_kafka_CreateTopics(handle_.get(), topics, 1, how, queue);
                         });
        if (!event) return tl::unexpected(std::move(event).error());
        std::size_t count = 0;
        const auto* results = rd_kafka_CreateTopics_result_topics(
            rd_kafka_event_CreateTopics_result(event->get()), &count);
        const auto error =
            count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR__FAIL;
        // Another node may have been first.
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            return {};
        return kafka_error("make the topic " + name, error);
    }

    [[nodiscard]] domain::Result<std::map<std::string, std::string>> settings_of(
        const std::string& topic) const {
        const Owned<rd_kafka_ConfigResource_t> of(
            rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
        rd_kafka_ConfigResource_t* resources[] = {of.get()};
        auto event = ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
                         [&](const rd_kafka_AdminOptions_t* how, rd_kafka_queue_t* queue) {
                             rd_kafka_DescribeConfigs(handle_.get(), resources, 1, how, queue);
                         });
        if (!event) return tl::unexpected(std::move(event).error());
        std::size_t count = 0;
        const auto* results = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event->get()), &count);
        if (count != 1) return kafka_error("ask for settings", RD_KAFKA_RESP_ERR__FAIL);
        if (const auto error = rd_kafka_ConfigResource_error(results[0]);
            error != RD_KAFKA_RESP_ERR_NO_ERROR)
            return kafka_error("ask for the settings of " + topic, error);
        std::map<std::string, std::string> settings;
        const auto* entries = rd_kafka_ConfigResource_configs(results[0], &count);
        for (std::size_t i = 0; i < count; ++i) {
            const char* value = rd_kafka_ConfigEntry_value(entries[i]);
            settings[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
        }
        return settings;
    }

  private:
    explicit Admin(Owned<rd_kafka_t> handle) : handle_(std::move(handle)) {}

    template <class Call>
    [[nodiscard]] domain::Result<Owned<rd_kafka_event_t>> ask(rd_kafka_admin_op_t operation,
                                                              const Call& call) const {
        const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle_.get()));
        const Owned<rd_kafka_AdminOptions_t> how(
            rd_kafka_AdminOptions_new(handle_.get(), operation));
        std::array<char, 256> why{};
        rd_kafka_AdminOptions_set_request_timeout(how.get(), kAskMs, why.data(), why.size());
        call(how.get(), queue.get());
        Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), kAskMs + 1'000));
        if (event == nullptr) return kafka_error("ask the brokers", RD_KAFKA_RESP_ERR__TIMED_OUT);
        if (const auto error = rd_kafka_event_error(event.get());
            error != RD_KAFKA_RESP_ERR_NO_ERROR)
            return kafka_error("ask the brokers", error);
        return event;
    }

    Owned<rd_kafka_t> handle_;
};

long number_of(const TopicFacts& topic, const char* setting) {
    const auto found = topic.settings.find(setting);
    return found == topic.settings.end() ? 0 : std::strtol(found->second.c_str(), nullptr, 10);
}

std::string text_of(const TopicFacts& topic, const char* setting) {
    const auto found = topic.settings.find(setting);
    return found == topic.settings.end() ? "unknown" : found->second;
}

}  // namespace

domain::Result<TopicFacts> open_topic(const ClusterOptions& options, int partitions) {
    auto admin = Admin::open(options);
    if (!admin) return tl::unexpected(std::move(admin).error());
    auto shape = admin->shape_of(options.topic);
    if (!shape) return tl::unexpected(std::move(shape).error());
    if (shape->partitions == 0) {
        const int replication = std::min(kReplicas, std::max(1, shape->brokers));
        if (auto made = admin->create(options.topic, partitions, replication); !made)
            return tl::unexpected(std::move(made).error());
        shape->partitions = partitions;
        shape->replication = replication;
    }
    // A topic that was just made is news to some brokers for a moment.
    auto settings = admin->settings_of(options.topic);
    for (int i = 0; i < kNewsTries && !settings; ++i) {
        std::this_thread::sleep_for(kNewsPause);
        settings = admin->settings_of(options.topic);
    }
    if (!settings) return tl::unexpected(std::move(settings).error());
    return TopicFacts{shape->partitions, shape->replication, *std::move(settings)};
}

std::vector<std::string> weaknesses(const TopicFacts& topic) {
    std::vector<std::string> weak;
    const auto demand = [&weak](bool holds, const std::string& what) {
        if (!holds) weak.push_back(what);
    };
    demand(topic.replication >= kReplicas,
           "replication factor " + std::to_string(topic.replication) + " (3 or more)");
    demand(number_of(topic, "min.insync.replicas") >= 2,
           "min.insync.replicas " + text_of(topic, "min.insync.replicas") + " (2 or more)");
    demand(text_of(topic, "cleanup.policy") == "delete",
           "cleanup.policy " + text_of(topic, "cleanup.policy") + " (delete)");
    demand(number_of(topic, "retention.ms") == -1,
           "retention.ms " + text_of(topic, "retention.ms") + " (-1)");
    demand(number_of(topic, "retention.bytes") == -1,
           "retention.bytes " + text_of(topic, "retention.bytes") + " (-1)");
    demand(text_of(topic, "unclean.leader.election.enable") == "false",
           "unclean.leader.election.enable " + text_of(topic, "unclean.leader.election.enable") +
               " (false)");
    demand(static_cast<std::size_t>(number_of(topic, "max.message.bytes")) >= kRecordBytesMax,
           "max.message.bytes " + text_of(topic, "max.message.bytes") + " (" +
               std::to_string(kRecordBytesMax) + " or more)");
    return weak;
}

}  // namespace decklog::store::kafka
