// Cluster mode is asked for as a whole, and is complete or refused.
#include <gtest/gtest.h>

#include <fstream>

#include "api/config.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::cluster_config_test {

const std::string kKey(64, 'a');
const std::string kSecret(32, 's');

std::string refusal(const Environment& environment, const Flags& flags = {}) {
    const auto config = load_config(flags, environment);
    return config ? "accepted" : config.error().context;
}

TEST(ClusterConfig, IsAbsentUnlessItIsAskedFor) {
    const auto config = load_config({}, {{"DECKLOG_VAULT_KEY", kKey}});
    ASSERT_TRUE(config);
    EXPECT_FALSE(config->cluster);
}

TEST(ClusterConfig, TakesTheBrokersOfTheFlagOverThoseOfTheEnvironment) {
    Flags flags;
    flags.kafka_brokers = "a:1,b:2";
    const auto config =
        load_config(flags, {{"DECKLOG_KAFKA_BROKERS", "c:3"}, {"DECKLOG_VAULT_KEY", kKey}});
    ASSERT_TRUE(config) << config.error().context;
    ASSERT_TRUE(config->cluster);
    EXPECT_EQ(config->cluster->brokers, "a:1,b:2");
    EXPECT_EQ(config->cluster->topic, "decklog");
    EXPECT_FALSE(config->cluster->allow_weak);
}

TEST(ClusterConfig, NamesWhatIsMissing) {
    const Environment brokers{{"DECKLOG_KAFKA_BROKERS", "a:1"}};
    EXPECT_TRUE(refusal(brokers).starts_with("DECKLOG_VAULT_KEY"));
    Environment peers = brokers;
    peers["DECKLOG_VAULT_KEY"] = kKey;
    peers["DECKLOG_PEERS"] = "http://a:1";
    EXPECT_TRUE(refusal(peers).starts_with("DECKLOG_CLUSTER_SECRET"));
    peers["DECKLOG_CLUSTER_SECRET"] = kSecret;
    EXPECT_EQ(refusal(peers), "accepted");
}

TEST(ClusterConfig, ReadsTheFile) {
    const testing::TemporaryDirectory directory;
    const auto path = directory.path() / "decklog.toml";
    std::ofstream(path) << "[log]\nkind = \"kafka\"\n[kafka.properties]\n\"sasl.username\" = "
                           "\"node\"\n\"sasl.password\" = \"env:SASL\"\n";
    Flags flags;
    flags.config = path;
    EXPECT_TRUE(refusal({}, flags).starts_with("kafka.properties.sasl.password"));
    EXPECT_TRUE(refusal({{"SASL", "pass"}}, flags).starts_with("DECKLOG_KAFKA_BROKERS"));
    const auto config = load_config(
        flags, {{"SASL", "pass"}, {"DECKLOG_KAFKA_BROKERS", "a:1"}, {"DECKLOG_VAULT_KEY", kKey}});
    ASSERT_TRUE(config) << config.error().context;
    EXPECT_EQ(config->cluster->properties.at("sasl.password"), "pass");
    EXPECT_EQ(config->cluster->properties.at("sasl.username"), "node");
}

TEST(ClusterConfig, TakesUrlsOfNodesWithoutASlashAtTheirEnd) {
    const auto config = load_config({}, {{"DECKLOG_KAFKA_BROKERS", "a:1"},
                                         {"DECKLOG_VAULT_KEY", kKey},
                                         {"DECKLOG_CLUSTER_SECRET", kSecret},
                                         {"DECKLOG_ADVERTISED_URL", "http://n1:8080/"},
                                         {"DECKLOG_PEERS", "http://n1:8080,https://n2/"}});
    ASSERT_TRUE(config) << config.error().context;
    EXPECT_EQ(config->cluster->advertised_url, "http://n1:8080");
    EXPECT_EQ(config->cluster->peers, (std::vector<std::string>{"http://n1:8080", "https://n2"}));
}

}  // namespace decklog::api::cluster_config_test
