#include "api/settings/cluster.hpp"

#include <algorithm>

namespace decklog::api {
namespace {

constexpr std::size_t kClusterSecretChars = 32;
constexpr std::size_t kVaultKeyHexDigits = 64;
constexpr std::size_t kTopicBytesMax = 200;  // Kafka's 249, and room for .vault, .raw, .owners
constexpr std::int64_t kPartitionsMax = 64;  // each is a thread and a producer on every node
constexpr const char* kBrokers = "DECKLOG_KAFKA_BROKERS";

bool is_topic(std::string_view name) {
    return !name.empty() && name.size() <= kTopicBytesMax && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
           });
}

/// One step after another; the first bad setting ends it.
class Reading {
  public:
    Reading(const Layers& layers, const FileSettings& file, const Flags& flags)
        : layers_(layers), file_(file), flags_(flags) {}

    domain::Result<std::optional<ClusterConfig>> run() && {
        for (auto step :
             {&Reading::brokers, &Reading::topic, &Reading::partitions, &Reading::urls,
              &Reading::secrets, &Reading::weak, &Reading::properties, &Reading::completeness}) {
            if (auto done = (this->*step)(); !done) return tl::unexpected(done.error());
        }
        if (!is_asked_for()) return std::nullopt;
        return std::optional(std::move(cluster_));
    }

  private:
    using Step = domain::Result<void>;

    [[nodiscard]] bool is_asked_for() const {
        const auto kind = layers_.in_file("log.kind");
        return !cluster_.brokers.empty() || (kind && kind->text == "kafka");
    }

    Step brokers() {
        std::optional<Given> given;
        if (flags_.kafka_brokers) {
            given = Given{"--kafka-brokers", *flags_.kafka_brokers};
        } else {
            given = layers_.variable(kBrokers);
        }
        if (!given) return {};
        std::string_view rest = given->text;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const auto one = to_address({given->source, std::string(rest.substr(0, comma))});
            if (!one || one->port == 0)
                return bad_setting(given->source, "must be HOST:PORT, or several with commas");
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        cluster_.brokers = given->text;
        if (cluster_.brokers.empty())
            return bad_setting(given->source, "must be HOST:PORT, or several with commas");
        return {};
    }

    Step topic() {
        const auto given = layers_.variable("DECKLOG_KAFKA_TOPIC");
        if (!given) return {};
        if (!is_topic(given->text))
            return bad_setting(given->source, "must be 1 to 200 of a-z, A-Z, 0-9, '.', '_', '-'");
        cluster_.topic = given->text;
        return {};
    }

    Step partitions() {
        const auto given = layers_.variable("DECKLOG_KAFKA_PARTITIONS");
        if (!given) return {};
        const auto number = to_integer(*given, 1, kPartitionsMax);
        if (!number) return tl::unexpected(number.error());
        cluster_.partitions = static_cast<std::uint32_t>(*number);
        return {};
    }

    Step urls() {
        if (const auto given = layers_.variable("DECKLOG_ADVERTISED_URL")) {
            auto url = node_url(*given);
            if (!url) return tl::unexpected(url.error());
            cluster_.advertised_url = std::move(*url);
        }
        const auto given = layers_.variable("DECKLOG_PEERS");
        if (!given) return {};
        std::string_view rest = given->text;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            auto url = node_url({given->source, std::string(rest.substr(0, comma))});
            if (!url) return tl::unexpected(url.error());
            cluster_.peers.push_back(std::move(*url));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        return {};
    }

    /// Nodes talk over a network of their own, so plain http is theirs to choose.
    static domain::Result<std::string> node_url(const Given& given) {
        const bool is_http = given.text.starts_with("http://");
        const bool is_https = given.text.starts_with("https://");
        const std::string rest = given.text.substr(is_http ? 7 : is_https ? 8 : 0);
        const std::string host = rest.substr(0, rest.find_last_not_of('/') + 1);
        if ((!is_http && !is_https) || host.empty() ||
            host.find_first_of("/?#@ ") != std::string::npos)
            return bad_setting(given.source, "must be http://HOST:PORT or https://HOST:PORT");
        return (is_http ? "http://" : "https://") + host;
    }

    Step secrets() {
        auto secret = layers_.secret("DECKLOG_CLUSTER_SECRET");
        if (!secret) return tl::unexpected(secret.error());
        if (*secret) {
            auto checked = to_secret(**secret, kClusterSecretChars);
            if (!checked) return tl::unexpected(checked.error());
            cluster_.secret = std::move(*checked);
        }
        auto key = layers_.secret("DECKLOG_VAULT_KEY");
        if (!key) return tl::unexpected(key.error());
        if (*key) {
            auto checked = to_hex_secret(**key, kVaultKeyHexDigits);
            if (!checked) return tl::unexpected(checked.error());
            cluster_.vault_key = std::move(*checked);
        }
        return {};
    }

    Step weak() {
        cluster_.allow_weak = flags_.kafka_allow_weak;
        const auto given = layers_.variable("DECKLOG_KAFKA_ALLOW_WEAK");
        if (!given) return {};
        const auto said = to_one_of(*given, {"0", "1", "false", "true"});
        if (!said) return tl::unexpected(said.error());
        cluster_.allow_weak |= *said == "1" || *said == "true";
        return {};
    }

    Step properties() {
        for (const auto& [name, text] : file_.kafka_properties) {
            const bool is_reference = text.starts_with("env:") || text.starts_with("file:");
            if (!is_reference) {
                cluster_.properties[name] = text;
                continue;
            }
            const auto value = layers_.referenced(
                {"kafka.properties." + name + " in the configuration file", text});
            if (!value) return tl::unexpected(value.error());
            cluster_.properties[name] = value->text;
        }
        return {};
    }

    Step completeness() {
        if (!is_asked_for()) return {};
        if (cluster_.brokers.empty())
            return bad_setting(kBrokers, "must be set when log.kind is \"kafka\"");
        if (!cluster_.vault_key.is_set()) {
            return bad_setting("DECKLOG_VAULT_KEY",
                               "must be set in cluster mode: it wraps the keys that nodes share");
        }
        if ((!cluster_.peers.empty() || !cluster_.advertised_url.empty()) &&
            !cluster_.secret.is_set()) {
            return bad_setting("DECKLOG_CLUSTER_SECRET",
                               "must be set where nodes forward to each other");
        }
        return {};
    }

    const Layers& layers_;
    const FileSettings& file_;
    const Flags& flags_;
    ClusterConfig cluster_;
};

}  // namespace

domain::Result<std::optional<ClusterConfig>> read_cluster(const Layers& layers,
                                                          const FileSettings& file,
                                                          const Flags& flags) {
    return Reading(layers, file, flags).run();
}

}  // namespace decklog::api
