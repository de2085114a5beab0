#include "api/cluster/cluster_store.hpp"

#include <thread>

#include "api/limits.hpp"
#include "store/kafka/kafka_vault.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{20};
constexpr std::chrono::seconds kSayEvery{5};

/// Of all partitions together.
struct Reading {
    bool is_here = true;
    std::int64_t at = 0, end = 0;  // offsets
    std::string stopped{}, follows{};
};

Reading reading_of(const store::kafka::KafkaLedger& node) {
    Reading reading;
    for (std::uint32_t partition = 0; partition < node.ledger->partitions(); ++partition) {
        const store::kafka::PartitionFacts facts = node.partitions[partition]->facts();
        reading.is_here = reading.is_here && node.ledger->head(partition).next_ordinal > 0 &&
                          facts.next_offset >= facts.end_offset;
        reading.at += facts.next_offset;
        reading.end += facts.end_offset;
        if (reading.stopped.empty()) reading.stopped = facts.stopped;
        if (reading.follows.empty()) reading.follows = facts.follows;
    }
    return reading;
}

/// As long as it moves it may take as long as it takes.
domain::Result<void> wait_for_log(const store::kafka::KafkaLedger& node) {
    auto moved = SteadyClock::now();
    auto said = moved;
    std::int64_t at = -1;
    for (Reading log = reading_of(node); !log.is_here; log = reading_of(node)) {
        if (!log.stopped.empty()) return domain::fail(domain::ErrorCode::corrupt, log.stopped);
        const auto now = SteadyClock::now();
        if (log.at != at) moved = now;
        at = log.at;
        if (now - moved > limits::kClusterStartWait) {
            const std::string why = log.follows.empty() ? "are the brokers up?" : log.follows;
            return domain::fail(domain::ErrorCode::io,
                                "the log of the cluster is not here: offset " +
                                    std::to_string(log.at) + " of " + std::to_string(log.end) +
                                    "; " + why,
                                true);
        }
        if (now - said > kSayEvery) {
            store::log_info("cluster", {}, "reading the log: at offset {} of {}", log.at, log.end);
            said = now;
        }
        std::this_thread::sleep_for(kLook);
    }
    return {};
}

}  // namespace

store::kafka::ClusterOptions cluster_options(const ClusterConfig& config) {
    store::kafka::ClusterOptions options;
    options.brokers = config.brokers;
    options.topic = config.topic;
    options.partitions = config.partitions;
    options.url = config.advertised_url;
    options.allow_weak = config.allow_weak;
    options.properties = config.properties;
    return options;
}

domain::Result<std::unique_ptr<store::Vault>> open_cluster_vault(const store::Directory& directory,
                                                                 const ClusterConfig& config,
                                                                 const store::Ledger& ledger) {
    const auto key = store::kafka::vault_key_from_hex(config.vault_key.reveal());
    if (!key) return tl::unexpected(key.error());
    const bool is_begun = ledger.head(0).next_ordinal > 1;  // more than LedgerCreated
    return store::kafka::open_kafka_vault(
        directory.root(), cluster_options(config), *key,
        is_begun ? store::NoMaster::refuse : store::NoMaster::create);
}

domain::Result<store::kafka::KafkaLedger> open_cluster_ledger(const store::Directory& directory,
                                                              const ClusterConfig& config,
                                                              const store::LedgerOptions& options) {
    auto node = store::kafka::open_kafka_ledger(directory.root(), cluster_options(config), options);
    if (!node) return node;
    if (auto here = wait_for_log(*node); !here) return tl::unexpected(std::move(here).error());
    return node;
}

}  // namespace decklog::api
