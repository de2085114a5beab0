#include "store/kafka/topic.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "domain/limits.hpp"
#include "store/limits.hpp"
#include "store/log.hpp"

namespace decklog::store::kafka {
namespace {

constexpr int kAskMs = 10'000;
constexpr int kReplicas = 3;
constexpr int kInSyncMin = 2;
constexpr const char* kRecordBytes = "max.message.bytes";
constexpr const char* kForEver = "-1";
constexpr const char* kUnknown = "unknown";
constexpr const char* kInSync = "min.insync.replicas";
constexpr int kNewsTries = 20;
constexpr std::chrono::milliseconds kNewsPause{100};
/// A commit at its largest, its transport header, and what Kafka adds.
constexpr std::size_t kRecordBytesMax = domain::limits::kCommitBytesMax + 4'096;

std::vector<Demand> keeping_what_was_acknowledged() {
    return {{kInSync, std::to_string(kInSyncMin), Demand::Kind::at_least},
            {"unclean.leader.election.enable", "false"},
            {kRecordBytes, std::to_string(kRecordBytesMax), Demand::Kind::at_least}};
}

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

    [[nodiscard]] domain::Result<void> create(const TopicPlan& plan, int replication) const {
        std::array<char, 256> why{};
        const Owned<rd_kafka_NewTopic_t> topic(rd_kafka_NewTopic_new(
            plan.name.c_str(), plan.partitions, replication, why.data(), why.size()));
        if (topic == nullptr) return domain::fail(domain::ErrorCode::invalid_argument, why.data());
        const auto set = [&topic](const std::string& setting, const std::string& value) {
            rd_kafka_NewTopic_set_config(topic.get(), setting.c_str(), value.c_str());
        };
        set("compression.type", "producer");
        for (const Demand& demand : plan.demands) set(demand.setting, demand.value);
        if (replication < kInSyncMin) set(kInSync, std::to_string(replication));
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
        return kafka_error("make the topic " + plan.name, error);
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

long long number(const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); }

bool meets(const std::string& actual, const Demand& demand) {
    if (actual == kUnknown) return false;
    switch (demand.kind) {
        case Demand::Kind::exactly:
            return actual == demand.value;
        case Demand::Kind::at_least:
            return actual == kForEver ||
                   (demand.value != kForEver && number(actual) >= number(demand.value));
        case Demand::Kind::at_most:
            return number(actual) <= number(demand.value);
    }
    return false;
}

std::string words_of(const Demand& demand) {
    switch (demand.kind) {
        case Demand::Kind::exactly:
            return demand.value;
        case Demand::Kind::at_least:
            return demand.value + " or more";
        case Demand::Kind::at_most:
            return demand.value + " or less";
    }
    return demand.value;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

}  // namespace

TopicPlan log_topic(const ClusterOptions& options, int partitions) {
    TopicPlan plan{options.topic, partitions, keeping_what_was_acknowledged()};
    plan.demands.push_back({"cleanup.policy", "delete"});
    plan.demands.push_back({"retention.ms", "-1"});
    plan.demands.push_back({"retention.bytes", "-1"});
    return plan;
}

TopicPlan vault_topic(const ClusterOptions& options) {
    const auto ms = [](std::chrono::milliseconds time) { return std::to_string(time.count()); };
    TopicPlan plan{options.topic + ".vault", 1, keeping_what_was_acknowledged()};
    plan.demands.push_back({"cleanup.policy", "compact"});
    plan.demands.push_back(
        {"max.compaction.lag.ms", ms(limits::kVaultKeptAtMost), Demand::Kind::at_most});
    plan.demands.push_back(
        {"delete.retention.ms", ms(limits::kVaultErasedKept), Demand::Kind::at_least});
    return plan;
}

TopicPlan raw_topic(const ClusterOptions& options, int partitions, std::uint32_t raw_days) {
    constexpr std::int64_t day_ms = 86'400'000;
    TopicPlan plan{options.topic + ".raw", partitions, keeping_what_was_acknowledged()};
    for (Demand& demand : plan.demands) {
        if (demand.setting == kRecordBytes) demand.value = std::to_string(kRawRecordBytesMax);
    }
    plan.demands.push_back({"cleanup.policy", "delete"});
    plan.demands.push_back({"retention.bytes", "-1"});
    const std::string kept = raw_days == 0 ? "-1" : std::to_string(raw_days * day_ms);
    plan.demands.push_back({"retention.ms", kept, Demand::Kind::at_least});
    return plan;
}

domain::Result<TopicFacts> open_topic(const ClusterOptions& options, const TopicPlan& plan) {
    auto admin = Admin::open(options);
    if (!admin) return tl::unexpected(std::move(admin).error());
    auto shape = admin->shape_of(plan.name);
    if (!shape) return tl::unexpected(std::move(shape).error());
    if (shape->partitions == 0) {
        const int replication = std::min(kReplicas, std::max(1, shape->brokers));
        if (auto made = admin->create(plan, replication); !made)
            return tl::unexpected(std::move(made).error());
        shape->partitions = plan.partitions;
        shape->replication = replication;
    }
    // A topic that was just made is news to some brokers for a moment.
    auto settings = admin->settings_of(plan.name);
    for (int i = 0; i < kNewsTries && !settings; ++i) {
        std::this_thread::sleep_for(kNewsPause);
        settings = admin->settings_of(plan.name);
    }
    if (!settings) return tl::unexpected(std::move(settings).error());
    return TopicFacts{shape->partitions, shape->replication, *std::move(settings)};
}

std::vector<std::string> weaknesses(const TopicFacts& topic, const TopicPlan& plan) {
    std::vector<std::string> weak;
    if (topic.replication < kReplicas) {
        weak.push_back("replication factor " + std::to_string(topic.replication) + " (" +
                       std::to_string(kReplicas) + " or more)");
    }
    for (const Demand& demand : plan.demands) {
        const auto found = topic.settings.find(demand.setting);
        const std::string actual = found == topic.settings.end() ? kUnknown : found->second;
        if (!meets(actual, demand))
            weak.push_back(demand.setting + " " + actual + " (" + words_of(demand) + ")");
    }
    return weak;
}

domain::Result<TopicFacts> open_sound_topic(const ClusterOptions& options, const TopicPlan& plan) {
    auto topic = open_topic(options, plan);
    if (!topic) return topic;
    const std::vector<std::string> weak = weaknesses(*topic, plan);
    if (weak.empty()) return topic;
    const std::string what =
        "the topic " + plan.name +
        " may lose what was acknowledged, or keep what was erased: " + joined(weak);
    if (!options.allow_weak) {
        return domain::fail(domain::ErrorCode::invalid_argument,
                            what + "; mend it, or allow it with --kafka-allow-weak");
    }
    log_warn("kafka", {}, "{}", what);
    return topic;
}

}  // namespace decklog::store::kafka
