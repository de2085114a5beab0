// Opens what a node of a cluster stands on: the vault that all share, and the ledger whose log is
// the topic; and waits until the log is here, since everything else is folded from it.
#pragma once

#include <memory>

#include "api/config.hpp"
#include "store/directory/directory.hpp"
#include "store/kafka/kafka_ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::api {

[[nodiscard]] store::kafka::ClusterOptions cluster_options(const ClusterConfig& config);

/// After the ledger: a log that holds more than its beginning was written with a vault, which must
/// be there then. Errors: those of open_kafka_vault.
[[nodiscard]] domain::Result<std::unique_ptr<store::Vault>> open_cluster_vault(
    const store::Directory& directory, const ClusterConfig& config, const store::Ledger& ledger);

/// Errors: those of open_kafka_ledger; io (retryable) when no node came to write the log's
/// beginning, or the log is still far away after limits::kClusterStartWait without moving.
[[nodiscard]] domain::Result<store::kafka::KafkaLedger> open_cluster_ledger(
    const store::Directory& directory, const ClusterConfig& config,
    const store::LedgerOptions& options);

}  // namespace decklog::api
