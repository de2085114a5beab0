// The vault of a cluster's node, opened: subjects, keys and keyed hashes are the same on all of
// them (vault_topic.hpp).
#pragma once

#include <filesystem>
#include <memory>

#include "store/clock.hpp"
#include "store/kafka/settings.hpp"
#include "store/vault/keyed_vault.hpp"

namespace decklog::store::kafka {

/// DECKLOG_VAULT_KEY: 64 hex digits. Errors: invalid_argument, which never quotes it.
[[nodiscard]] domain::Result<SecretKey> vault_key_from_hex(std::string_view hex);

/// Was anything ever written to this partition of the log's topic, which exists? Errors: io,
/// retryable.
[[nodiscard]] domain::Result<bool> holds_records(const ClusterOptions& cluster,
                                                 std::uint32_t partition);

/// Opens the copy in `root/vault` and reads `<topic>.vault` to its end. Where the log holds records
/// already the vault must hold the key that they were written with: NoMaster::refuse. Every node
/// asks that (holds_records) before it opens the vault, and opens its ledger after it: so whoever
/// sees a log sees its vault. `random` null: system_random(); it and the clock outlive the vault.
/// Errors: invalid_argument (a weak topic, each setting by name; another vault key; a vault that is
/// no cluster's), corrupt (another topic, cut, or damaged; no master key), other_format, io
/// (retryable: the brokers are away).
[[nodiscard]] domain::Result<std::unique_ptr<Vault>> open_kafka_vault(
    const std::filesystem::path& root, const ClusterOptions& cluster, const SecretKey& vault_key,
    NoMaster no_master, Random* random = nullptr, Clock* clock = nullptr);

}  // namespace decklog::store::kafka
