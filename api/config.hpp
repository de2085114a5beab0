// What the service was told: TOML file, then environment, then flags (docs/configuration.md has the
// table). Everything is checked here, once, before anything is opened; a bad value names its
// variable and the rule, never the value, since the value may be a secret. Pure apart from reading
// the files that `X_FILE`, `file:` and `--config` name.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/backup/schedule.hpp"
#include "api/http.hpp"
#include "api/proxies.hpp"
#include "domain/result.hpp"
#include "ingest/inbound.hpp"

namespace decklog::api {

/// A value that must not reach a log line by accident: it does not print, it has to be revealed.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    [[nodiscard]] bool is_set() const { return !value_.empty(); }
    [[nodiscard]] const std::string& reveal() const { return value_; }

  private:
    std::string value_;
};

struct Address {
    std::string host;
    std::uint16_t port = 0;
    [[nodiscard]] std::string to_text() const;  // brackets around IPv6
    bool operator==(const Address&) const = default;
};

/// Cluster mode: the log is a topic (docs/cluster.md).
struct ClusterConfig {
    std::string brokers;  // host:port, comma list
    std::string topic = "decklog";
    std::uint32_t partitions = 1;    // of the topic, from its making on
    std::string advertised_url;      // where other nodes reach this one; empty: they do not
    std::vector<std::string> peers;  // the nodes that may be forwarded to, by URL
    Secret secret;                   // signs what is forwarded
    Secret vault_key;                // hex; wraps the keys that nodes share
    bool allow_weak = false;
    std::map<std::string, std::string> properties;  // of librdkafka
};

/// What holds for the services behind the runbook (docs/configuration.md, "Services").
struct ServiceRules {
    std::vector<std::string> required_platforms{"spareroom", "roomies", "leasebreak", "renthop",
                                                "furnishedfinder"};
    std::string worker_runtime = "playwright";
    std::string default_send_mode = "draft_only";
};

/// Who may give commands in chat. `people` as the file names them: `slack:U0123456` of every
/// account, `slack/T01234567:U0123456` of one.
struct Operator {
    std::string name;  // the actor of what follows
    Role role = Role::viewer;
    std::vector<std::string> people;
};

struct Config {
    std::filesystem::path data = "decklog-data";
    Address listen{"127.0.0.1", 8080};
    std::optional<Address> hooks_listen;
    std::string log_level = "info";
    std::chrono::seconds drain{5};
    std::uint32_t raw_days = 30;         // 0: kept for ever
    std::uint64_t disk_free_mib = 2048;  // below it new work is refused; 0: no such rule
    bool accept_clock = false;
    std::optional<BackupPlan> backup;      // absent: only on demand
    std::optional<ClusterConfig> cluster;  // absent: the ledger is embedded
    Secret admin_token;
    Secret metrics_token;
    std::vector<ingest::Account> accounts;
    std::map<std::string, Secret> credentials;     // outbound, by variable
    std::map<std::string, std::string> base_urls;  // of the platforms' APIs, by variable
    std::vector<Operator> operators;               // none: commands from chat are recorded, no more
    ServiceRules services;
    TrustedProxies trusted_proxies;              // whose X-Forwarded-For counts
    std::vector<std::string> foreign_variables;  // set, named by a runbook, and not ours
};

struct Flags {
    std::optional<std::filesystem::path> config;
    std::optional<std::filesystem::path> data;
    std::optional<std::string> listen;
    std::optional<std::string> hooks_listen;
    std::optional<std::string> kafka_brokers;
    bool kafka_allow_weak = false;
    bool accept_clock = false;
};

using Environment = std::map<std::string, std::string>;
[[nodiscard]] Environment process_environment();

/// Errors: invalid_argument (exit 78), its text names the variable, key or flag and the rule it
/// broke.
[[nodiscard]] domain::Result<Config> load_config(const Flags& flags,
                                                 const Environment& environment);

}  // namespace decklog::api
