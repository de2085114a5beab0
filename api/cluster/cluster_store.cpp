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

bool is_here(const store::kafka::KafkaLedger& node) {
    const store::kafka::PartitionFacts facts = node.partition->facts();
    return node.ledger->head(0).next_ordinal > 0 && facts.next_offset >= facts.end_offset;
}

void say(const store::kafka::PartitionFacts& facts) {
    store::log_info("cluster", {}, "reading the log: at offset {} of {}", facts.next_offset,
                    facts.end_offset);
}

/// As long as it moves it may take as long as it takes.
domain::Result<void> wait_for_log(const store::kafka::KafkaLedger& node) {
    auto moved = SteadyClock::now();
    auto said = moved;
    std::int64_t at = -1;
    while (!is_here(node)) {
        const store::kafka::PartitionFacts facts = node.partition->facts();
        if (!facts.stopped.empty()) return domain::fail(domain::ErrorCode::corrupt, facts.stopped);
        const auto now = SteadyClock::now();
        if (facts.next_offset != at) moved = now;
        at = facts.next_offset;
        if (now - moved > limits::kClusterStartWait) {
            return domain::fail(domain::ErrorCode::io,
                                "the log of the cluster is not here: offset " +
                                    std::to_string(facts.next_offset) + " of " +
                                    std::to_string(facts.end_offset) + "; are the brokers up?",
                                true);
        }
        if (now - said > kSayEvery) {
            say(facts);
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
