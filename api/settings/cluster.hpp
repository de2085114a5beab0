// The settings of cluster mode: all of them together, or none. Pure apart from reading the files
// that `X_FILE` and `file:` name.
#pragma once

#include <optional>

#include "api/settings/file.hpp"
#include "api/settings/layers.hpp"

namespace decklog::api {

/// nullopt: the ledger is embedded. Cluster mode is asked for by `--kafka-brokers`,
/// DECKLOG_KAFKA_BROKERS or `log.kind = "kafka"`. The variables are checked either way, so that a
/// bad one is found before the day it counts.
[[nodiscard]] domain::Result<std::optional<ClusterConfig>> read_cluster(const Layers& layers,
                                                                        const FileSettings& file,
                                                                        const Flags& flags);

}  // namespace decklog::api
