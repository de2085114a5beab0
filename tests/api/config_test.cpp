// Every variable, flag and key: what wins, what is refused, and that no refusal repeats a value.
#include <gtest/gtest.h>

#include <fstream>

#include "api/config.hpp"
#include "api/settings/foreign.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::config_test {

using namespace decklog::api::testing;

const std::string kPublicKey(64, 'a');
const std::string kLong(32, 's');

Config load(const Environment& environment, const Flags& flags = {}) {
    auto config = load_config(flags, environment);
    EXPECT_TRUE(config) << (config ? "" : config.error().context);
    return config ? std::move(*config) : Config{};
}
std::string refusal(const Environment& environment, const Flags& flags = {}) {
    const auto config = load_config(flags, environment);
    if (config) return "accepted";
    EXPECT_EQ(config.error().code, domain::ErrorCode::invalid_argument);
    return config.error().context;
}

class ConfigFileTest : public ::testing::Test {
  protected:
    std::string write(const std::string& name, const std::string& content) {
        const auto path = directory_.path() / name;
        std::ofstream(path) << content;
        return path.string();
    }
    Flags file(const std::string& toml) {
        Flags flags;
        flags.config = write("decklog.toml", toml);
        return flags;
    }
    TemporaryDirectory directory_;
};

TEST(Config, ListensWhereTheFirstSettingSays) {
    Environment environment;
    EXPECT_EQ(load(environment).listen.to_text(), "127.0.0.1:8080");
    environment["HEALTH_PORT"] = "9001";
    EXPECT_EQ(load(environment).listen.to_text(), "0.0.0.0:9001");
    environment["PORT"] = "9002";
    EXPECT_EQ(load(environment).listen.to_text(), "0.0.0.0:9002");
    environment["API_PORT"] = "9003";
    EXPECT_EQ(load(environment).listen.to_text(), "0.0.0.0:9003");
    environment["API_HOST"] = "10.0.0.1";
    EXPECT_EQ(load(environment).listen.to_text(), "10.0.0.1:9003");
    environment["DECKLOG_LISTEN"] = "[::1]:9004";
    EXPECT_EQ(load(environment).listen.to_text(), "[::1]:9004");
    Flags flags;
    flags.listen = "localhost:0";
    EXPECT_EQ(load(environment, flags).listen.to_text(), "localhost:0");
    EXPECT_EQ(load({{"API_HOST", "10.0.0.1"}}).listen.port, 3001);
}

TEST(Config, HasTheDefaultsOfTheContract) {
    const Config config = load({});
    EXPECT_EQ(config.data, "decklog-data");
    EXPECT_EQ(config.drain.count(), 5);
    EXPECT_EQ(config.raw_days, 30U);
    EXPECT_EQ(config.log_level, "info");
    EXPECT_FALSE(config.admin_token.is_set());
    EXPECT_TRUE(config.accounts.empty());
}

TEST(Config, ReadsEveryVariable) {
    const Config config = load({{"DECKLOG_DATA", "/srv/log"},
                                {"DECKLOG_LOG_LEVEL", "warn"},
                                {"DECKLOG_DRAIN_SECONDS", "0"},
                                {"DECKLOG_RAW_DAYS", "7"},
                                {"DECKLOG_ADMIN_TOKEN", kLong},
                                {"DECKLOG_METRICS_TOKEN", "m"},
                                {"TELEGRAM_WEBHOOK_SECRET", "t"},
                                {"DISCORD_PUBLIC_KEY", kPublicKey},
                                {"WHATSAPP_APP_SECRET", "w"},
                                {"WHATSAPP_VERIFY_TOKEN", "v"},
                                {"SLACK_SIGNING_SECRET", "s"},
                                {"TELEGRAM_BOT_TOKEN", "1:x"},
                                {"DECKLOG_TELEGRAM_API", "http://127.0.0.1:9/bot"}});
    EXPECT_EQ(config.data, "/srv/log");
    EXPECT_EQ(config.log_level, "warn");
    EXPECT_EQ(config.drain.count(), 0);
    EXPECT_EQ(config.raw_days, 7U);
    EXPECT_EQ(config.admin_token.reveal(), kLong);
    EXPECT_EQ(config.metrics_token.reveal(), "m");
    ASSERT_EQ(config.accounts.size(), 4U);
    for (const auto& account : config.accounts) {
        EXPECT_EQ(account.id, "default");
        EXPECT_EQ(account.workspace, "default");
    }
    EXPECT_EQ(config.accounts[2].verify_tokens, std::vector<std::string>{"v"});
    EXPECT_EQ(config.credentials.at("TELEGRAM_BOT_TOKEN").reveal(), "1:x");
}

TEST(Config, TakesAnEmptyVariableAsUnset) {
    EXPECT_TRUE(load({{"TELEGRAM_WEBHOOK_SECRET", ""}, {"DECKLOG_ADMIN_TOKEN", ""}, {"PORT", ""}})
                    .accounts.empty());
}

TEST(Config, SaysWhatAPortIs) {
    EXPECT_EQ(refusal({{"PORT", "http"}}), "PORT must be a whole number from 0 to 65535");
    EXPECT_EQ(refusal({{"API_HOST", "h"}, {"API_PORT", "tcp://10.0.0.1:80"}}),
              "API_PORT must be a whole number from 0 to 65535");
    EXPECT_TRUE(refusal({{"API_HOST", "a b"}}).starts_with("API_HOST must be HOST:PORT"));
    EXPECT_EQ(
        load({{"DECKLOG_LISTEN", "127.0.0.1:1"}, {"API_PORT", "tcp://10.0.0.1:80"}}).listen.port, 1)
        << "only the one that counts";
}

TEST(Config, RefusesABadValueByItsNameAlone) {
    struct Row {
        const char* name;
        std::string value;
    };
    for (const Row& row : {Row{"DECKLOG_ADMIN_TOKEN", "PLANTED-short"},
                           Row{"DECKLOG_ADMIN_TOKEN", "PLANTED " + kLong},
                           Row{"DECKLOG_DRAIN_SECONDS", "PLANTED"},
                           Row{"DECKLOG_DRAIN_SECONDS", "-1"},
                           Row{"DECKLOG_DRAIN_SECONDS", "5s"},
                           Row{"DECKLOG_RAW_DAYS", "99999999999999999999"},
                           Row{"DECKLOG_LOG_LEVEL", "PLANTED"},
                           Row{"DISCORD_PUBLIC_KEY", "PLANTED"},
                           Row{"DISCORD_PUBLIC_KEY", std::string(63, 'a') + "g"},
                           Row{"PORT", "PLANTED"},
                           Row{"PORT", "65536"},
                           Row{"HEALTH_PORT", "-1"},
                           Row{"API_PORT", "0x10"},
                           Row{"DECKLOG_LISTEN", "PLANTED"},
                           Row{"DECKLOG_LISTEN", ":80"},
                           Row{"DECKLOG_LISTEN", "::1:80"},
                           Row{"DECKLOG_SLACK_API", "http://PLANTED.example"},
                           Row{"DECKLOG_SLACK_API", "PLANTED"},
                           Row{"DECKLOG_WHATSAPP_API", "https://PLANTED:secret@host/"},
                           Row{"DECKLOG_KAFKA_BROKERS", "PLANTED"},
                           Row{"DECKLOG_KAFKA_BROKERS", ","},
                           Row{"DECKLOG_KAFKA_TOPIC", "PLANTED/1"},
                           Row{"DECKLOG_KAFKA_PARTITIONS", "PLANTED"},
                           Row{"DECKLOG_KAFKA_ALLOW_WEAK", "PLANTED"},
                           Row{"DECKLOG_ADVERTISED_URL", "PLANTED"},
                           Row{"DECKLOG_PEERS", "http://a:1,PLANTED"},
                           Row{"DECKLOG_CLUSTER_SECRET", "PLANTED"},
                           Row{"DECKLOG_VAULT_KEY", "PLANTED"},
                           Row{"SLACK_SIGNING_SECRET", "PLANTED\n"},
                           Row{"DECKLOG_METRICS_TOKEN_FILE", "/PLANTED/nowhere"}}) {
        const std::string text = refusal({{row.name, row.value}});
        EXPECT_TRUE(text.starts_with(row.name)) << row.name << ": " << text;
        EXPECT_EQ(text.find("PLANTED"), std::string::npos) << text;
        EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    }
}

TEST_F(ConfigFileTest, ReadsEverySecretFromItsFileToo) {
    for (const char* name :
         {"DECKLOG_ADMIN_TOKEN", "DECKLOG_METRICS_TOKEN", "TELEGRAM_WEBHOOK_SECRET",
          "DISCORD_PUBLIC_KEY", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN",
          "SLACK_SIGNING_SECRET", "TELEGRAM_BOT_TOKEN", "DISCORD_BOT_TOKEN",
          "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_PHONE_NUMBER_ID", "SLACK_BOT_TOKEN"}) {
        const std::string path = write("secret", kPublicKey + "\n");
        const std::string variable = std::string(name) + "_FILE";
        EXPECT_TRUE(load_config({}, {{variable, path}})) << name;
        EXPECT_NE(refusal({{variable, path}, {name, kPublicKey}}).find("both set"),
                  std::string::npos)
            << name;
        EXPECT_NE(refusal({{variable, write("empty", "\n")}}).find("not empty"), std::string::npos)
            << name;
        EXPECT_NE(refusal({{variable, (directory_.path() / "none").string()}}), "accepted") << name;
    }
    EXPECT_EQ(
        load({{"DECKLOG_ADMIN_TOKEN_FILE", write("admin", kLong + "\r\n")}}).admin_token.reveal(),
        kLong);
}

TEST_F(ConfigFileTest, LetsTheEnvironmentWinOverTheFileAndFlagsOverBoth) {
    Flags flags = file("data = \"/from/file\"\nlisten = \"127.0.0.1:1\"\ndrain_seconds = 9\n");
    EXPECT_EQ(load({}, flags).data, "/from/file");
    EXPECT_EQ(load({}, flags).listen.port, 1);
    EXPECT_EQ(load({}, flags).drain.count(), 9);
    EXPECT_EQ(
        load({{"DECKLOG_DATA", "/from/environment"}, {"PORT", "2"}, {"DECKLOG_DRAIN_SECONDS", "1"}},
             flags)
            .data,
        "/from/environment");
    EXPECT_EQ(load({{"PORT", "2"}}, flags).listen.port, 2);
    flags.data = "/from/flag";
    flags.listen = "127.0.0.1:3";
    EXPECT_EQ(load({{"DECKLOG_DATA", "/from/environment"}}, flags).data, "/from/flag");
    EXPECT_EQ(load({{"PORT", "2"}}, flags).listen.port, 3);
}

TEST_F(ConfigFileTest, RefusesUnknownKeysByName) {
    EXPECT_NE(refusal({}, file("dta = \"x\"\n")).find("dta "), std::string::npos);
    EXPECT_NE(refusal({}, file("[log]\nkid = \"x\"\n")).find("log.kid"), std::string::npos);
    EXPECT_NE(refusal({}, file("[[accounts]]\nplatform = \"slack\"\nsecrt = \"PLANTED\"\n"))
                  .find("accounts[0].secrt"),
              std::string::npos);
}

TEST_F(ConfigFileTest, RefusesBadKeysWithoutTheirValues) {
    for (const char* toml :
         {"listen = 80\n", "drain_seconds = \"PLANTED\"\n", "log_level = \"PLANTED\"\n",
          "admin_token = \"PLANTED-PLANTED-PLANTED-PLANTED-PLANTED\"\n", "PLANTED = = 1\n",
          "[log]\nkind = \"PLANTED\"\n", "[kafka]\nx = \"PLANTED\"\n",
          "[kafka.properties]\nx = 1\n", "trusted_proxies = [\"PLANTED\"]\n",
          "[[accounts]]\nplatform = \"PLANTED\"\n",
          "[[accounts]]\nplatform = \"slack\"\nsecret = \"PLANTED\"\n",
          "[[accounts]]\nplatform = \"slack\"\nsecret = \"env:NOT_SET\"\n",
          "[[accounts]]\nplatform = \"slack\"\nworkspace = \"PLANTED!\"\n",
          "[[accounts]]\nid = \"1\"\n", "[services]\nrequired_platforms = \"PLANTED!\"\n",
          "[services]\nworker_runtime = \"PLANTED!\"\n",
          "[services]\ndefault_send_mode = \"PLANTED\"\n", "[services]\nx = \"PLANTED\"\n"}) {
        const std::string text = refusal({}, file(toml));
        EXPECT_NE(text, "accepted") << toml;
        EXPECT_EQ(text.find("PLANTED"), std::string::npos) << text;
    }
    Flags missing;
    missing.config = directory_.path() / "none.toml";
    EXPECT_TRUE(refusal({}, missing).starts_with("--config"));
}

TEST_F(ConfigFileTest, ReadsWhatHoldsForServices) {
    const Config usual = load({}, file("drain_seconds = 1\n"));
    EXPECT_EQ(usual.services.required_platforms,
              (std::vector<std::string>{"spareroom", "roomies", "leasebreak", "renthop",
                                        "furnishedfinder"}));
    EXPECT_EQ(usual.services.worker_runtime, "playwright");
    EXPECT_EQ(usual.services.default_send_mode, "draft_only");
    const Flags flags = file(
        "[services]\nrequired_platforms = [\"slack\"]\nworker_runtime = \"api\"\n"
        "default_send_mode = \"draft_only\"\n");
    const Config config = load({{"PLATFORM_DEFAULT_SEND_MODE", "auto_send"}}, flags);
    EXPECT_EQ(config.services.required_platforms, std::vector<std::string>{"slack"});
    EXPECT_EQ(config.services.worker_runtime, "api");
    EXPECT_EQ(config.services.default_send_mode, "auto_send");
    EXPECT_TRUE(load({}, file("[services]\nrequired_platforms = []\n"))
                    .services.required_platforms.empty());
    EXPECT_NE(refusal({{"PLATFORM_DEFAULT_SEND_MODE", "PLANTED"}}, file(""))
                  .find("PLATFORM_DEFAULT_SEND_MODE"),
              std::string::npos);
}

TEST_F(ConfigFileTest, ReadsWhoMayGiveCommandsInChat) {
    const Environment environment{{"SLACK_SIGNING_SECRET", "s"}};
    EXPECT_TRUE(load(environment).operators.empty());
    const Config config =
        load(environment, file("[[operators]]\nname = \"pilot\"\nrole = \"operator\"\n"
                               "people = [\"slack:U0PILOT11\", \"discord:9911\"]\n"
                               "[[operators]]\nname = \"watch\"\nrole = \"viewer\"\n"
                               "people = \"slack/default:U0WATCH22\"\n"));
    ASSERT_EQ(config.operators.size(), 2U);
    EXPECT_EQ(config.operators[0].name, "pilot");
    EXPECT_EQ(config.operators[0].role, Role::operator_);
    EXPECT_EQ(config.operators[0].people,
              (std::vector<std::string>{"slack:U0PILOT11", "discord:9911"}));
    EXPECT_EQ(config.operators[1].role, Role::viewer);
}

TEST_F(ConfigFileTest, RefusesOperatorsOfWhomItIsNotSureWhoTheyAre) {
    const auto refused = [this](const std::string& text) {
        return refusal({{"SLACK_SIGNING_SECRET", "s"}}, file(text));
    };
    const std::string pilot =
        "[[operators]]\nname = \"pilot\"\nrole = \"operator\"\npeople = [\"slack:UPLANTED1\"]\n";
    const auto another = [](const char* name, const char* role, const char* people) {
        return "[[operators]]\nname = \"" + std::string(name) + "\"\nrole = \"" + role +
               "\"\npeople = [" + people + "]\n";
    };
    EXPECT_EQ(refused(pilot), "accepted");
    const std::pair<std::string, const char*> bad[] = {
        {another("pilot", "viewer", "\"slack:U2\""), "operators[1].name"},
        {another("b!", "viewer", "\"slack:U2\""), "operators[1].name"},
        {another("watch", "admin", "\"slack:U2\""), "operators[1].role"},
        {another("watch", "viewer", "\"slack:UPLANTED1\""), "operators[1].people[0]"},
        {another("watch", "viewer", "\"slack:U2\", \"slack/default:UPLANTED1\""),
         "operators[1].people[1]"},
        {another("watch", "viewer", "\"slack/none:UPLANTED2\""), "operators[1].people[0]"},
        {another("watch", "viewer", "\"telegram:1\""), "operators[1].people[0]"},
        {another("watch", "viewer", "\"UPLANTED2\""), "operators[1].people[0]"},
        {another("watch", "viewer", "\"slack:@PLANTED\""), "operators[1].people[0]"},
        {another("watch", "viewer", "\"slack:\""), "operators[1].people[0]"},
        {another("watch", "viewer", ""), "operators[1].people"},
        {"[[operators]]\nname = \"watch\"\nrole = \"viewer\"\n", "operators[1].people"},
        {"[[operators]]\nnme = \"watch\"\n", "operators[1].nme"}};
    for (const auto& [text, key] : bad) {
        const std::string why = refused(pilot + text);
        EXPECT_TRUE(why.starts_with(key)) << text << why;
        EXPECT_EQ(why.find("PLANTED"), std::string::npos) << "somebody's id: " << why;
    }
    EXPECT_TRUE(refused("operators = 1\n").starts_with("operators"));
}

TEST_F(ConfigFileTest, ReadsAccountsWithTwoLiveSecrets) {
    const std::string secret = write("old", "old-secret\n");
    const Flags flags = file(
        "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n"
        "[[accounts]]\nplatform = \"slack\"\nid = \"T1\"\nworkspace = \"ops\"\nsecret = "
        "[\"env:NEW\", \"file:" +
        secret +
        "\"]\ntoken = \"env:BOT\"\n[[accounts]]\nplatform = \"whatsapp\"\nverify_token = "
        "\"env:NEW\"\nsecret = \"env:NEW\"\n");
    const Config config = load({{"NEW", "new-secret"}, {"BOT", "xoxb"}}, flags);
    ASSERT_EQ(config.accounts.size(), 2U);
    EXPECT_EQ(config.accounts[0].id, "T1");
    EXPECT_EQ(config.accounts[0].workspace, "ops");
    EXPECT_EQ(config.accounts[0].secrets, (std::vector<std::string>{"new-secret", "old-secret"}));
    EXPECT_EQ(config.accounts[1].id, "default");
    EXPECT_EQ(config.accounts[1].verify_tokens, std::vector<std::string>{"new-secret"});
    EXPECT_EQ(config.trusted_proxies.client("10.1.2.3", "192.0.2.7"), "192.0.2.7");
    EXPECT_NE(refusal({{"NEW", "n"}, {"BOT", "b"}, {"WHATSAPP_APP_SECRET", "w"}}, flags)
                  .find("accounts[1]"),
              std::string::npos);
}

TEST(Config, NamesForeignVariablesOnce) {
    Environment environment;
    for (const std::string_view name : foreign_variables()) environment.emplace(name, "PLANTED");
    const Config config = load(environment);
    EXPECT_EQ(config.foreign_variables.size(), foreign_variables().size());
    EXPECT_TRUE(load({{"HOME", "/root"}}).foreign_variables.empty());
}

TEST(Config, DocumentsEveryForeignVariable) {
    std::ifstream page(std::string(DECKLOG_SOURCE_DIR) + "/docs/configuration.md");
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    for (const std::string_view name : foreign_variables()) {
        EXPECT_NE(text.find("`" + std::string(name) + "`"), std::string::npos) << name;
    }
}

TEST(TrustedProxies, BelieveOnlyThoseNamed) {
    const auto proxies = *TrustedProxies::parse({"10.0.0.0/8", "192.0.2.1", "fd00::/8"});
    EXPECT_EQ(proxies.client("203.0.113.9", "198.51.100.1"), "203.0.113.9");
    EXPECT_EQ(proxies.client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
    EXPECT_EQ(proxies.client("10.0.0.1", "6.6.6.6, 198.51.100.1, 192.0.2.1"), "198.51.100.1");
    EXPECT_EQ(proxies.client("::ffff:10.0.0.1", "198.51.100.1"), "198.51.100.1");
    EXPECT_EQ(proxies.client("fd00::1", "2001:db8::1"), "2001:db8::1");
    EXPECT_EQ(proxies.client("10.0.0.1", "rubbish"), "10.0.0.1");
    EXPECT_EQ(proxies.client("10.0.0.1", ""), "10.0.0.1");
    EXPECT_EQ(TrustedProxies().client("127.0.0.1", "198.51.100.1"), "127.0.0.1");
}

TEST_F(ConfigFileTest, PlansBackups) {
    EXPECT_FALSE(load({}).backup.has_value());
    const BackupPlan plain = load({}, file("[backup]\ndir = \"/srv/backups/\"\n")).backup.value();
    EXPECT_EQ(plain.dir, "/srv/backups");
    EXPECT_EQ(plain.every_us, 86'400'000'000);
    EXPECT_EQ(plain.keep_days, 7U);
    EXPECT_FALSE(plain.vault_dir.has_value());
    const BackupPlan full = load({}, file("[backup]\ndir = \"/b\"\nevery = \"90m\"\n"
                                          "keep_days = 30\nvault_dir = \"/keys\"\n"))
                                .backup.value();
    EXPECT_EQ(full.every_us, 5'400'000'000);
    EXPECT_EQ(full.keep_days, 30U);
    EXPECT_EQ(full.vault_dir, "/keys");
}

TEST_F(ConfigFileTest, RefusesABadPlanByItsKey) {
    struct Row {
        const char* lines;
        const char* names;
    };
    for (const Row& row :
         {Row{"every = \"24h\"", "backup.dir"}, Row{"dir = \"\"", "backup.dir"},
          Row{"dir = \"/b\"\nevery = \"often\"", "backup.every"},
          Row{"dir = \"/b\"\nevery = \"0s\"", "backup.every"},
          Row{"dir = \"/b\"\nevery = \"367d\"", "backup.every"},
          Row{"dir = \"/b\"\nevery = 24", "backup.every"},
          Row{"dir = \"/b\"\nkeep_days = 0", "backup.keep_days"},
          Row{"dir = \"/b\"\nkeep = 1", "backup.keep"},
          Row{"dir = \"/srv/log/backups\"", "backup.dir"}, Row{"dir = \"/srv\"", "backup.dir"},
          Row{"dir = \"/b\"\nvault_dir = \"/b\"", "backup.vault_dir"},
          Row{"dir = \"/b\"\nvault_dir = \"/b/keys\"", "backup.vault_dir"},
          Row{"dir = \"/b/backups\"\nvault_dir = \"/b\"", "backup.vault_dir"},
          Row{"dir = \"backups\"", "backup.dir"}, Row{"dir = \"../backups\"", "backup.dir"},
          Row{"dir = \"/b\"\nvault_dir = \"keys\"", "backup.vault_dir"}}) {
        EXPECT_TRUE(refusal({{"DECKLOG_DATA", "/srv/log"}},
                            file(std::string("[backup]\n") + row.lines + "\n"))
                        .starts_with(row.names))
            << row.lines;
    }
}

}  // namespace decklog::api::config_test
