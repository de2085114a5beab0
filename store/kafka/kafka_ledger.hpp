// The ledger whose log is a Kafka topic: RocksDB under `root` is a cache of it. The same contract
// as the embedded one; what differs is what "durable" stands on (docs/cluster.md).
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "store/kafka/partition.hpp"
#include "store/row_ledger.hpp"

namespace decklog::store::kafka {

struct KafkaLedger {
    std::unique_ptr<Ledger> ledger;
    std::vector<const Partition*> partitions{};  // the ledger's own, by number; for their facts
};

/// Makes the topics of log and raw bodies where they are not there, or checks them. Errors: as
/// open_kafka_ledger.
[[nodiscard]] domain::Result<void> make_topics(const ClusterOptions& cluster,
                                               std::uint32_t raw_days);

/// Makes or checks the topic, opens the rows, finds every partition again. The caller holds the
/// Directory lock. Errors: invalid_argument (a weak topic, each setting by name; a property),
/// corrupt (another topic, or cut), io (brokers not reachable).
[[nodiscard]] domain::Result<KafkaLedger> open_kafka_ledger(const std::filesystem::path& root,
                                                            const ClusterOptions& cluster,
                                                            const LedgerOptions& options);

}  // namespace decklog::store::kafka
