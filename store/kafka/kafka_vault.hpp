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

/// Opens the copy in `root/vault` and reads `<topic>.vault` to its end, to the master key that
/// stands there, or makes one. NoMaster::refuse where the log holds more than its LedgerCreated:
/// whoever wrote more has opened the vault before. `random` null: system_random(), `clock` null:
/// system_clock(); both outlive the vault. Errors: invalid_argument (a weak topic, each setting by
/// name; another vault key; a vault that is no cluster's), corrupt (another topic, cut, or damaged;
/// no master key), other_format, io (retryable: the brokers are away).
[[nodiscard]] domain::Result<std::unique_ptr<Vault>> open_kafka_vault(
    const std::filesystem::path& root, const ClusterOptions& cluster, const SecretKey& vault_key,
    NoMaster no_master, Random* random = nullptr, Clock* clock = nullptr);

/// The rows of `<topic>.vault` with a copy in memory, for filling them. Errors: as
/// open_kafka_vault.
[[nodiscard]] domain::Result<std::unique_ptr<VaultRows>> open_kafka_vault_rows(
    const ClusterOptions& cluster, const SecretKey& vault_key);

}  // namespace decklog::store::kafka
