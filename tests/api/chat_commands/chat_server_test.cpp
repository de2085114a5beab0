// Commands from chat over the real server: signed bodies of Slack and Discord in, the platforms'
// own answers out, and what stands in the log afterwards.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>

#include "api/app.hpp"
#include "api/config.hpp"
#include "domain/time_text.hpp"
#include "store/frame/frame.hpp"
#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::chat_server_test {

using namespace decklog::api::testing;
namespace json = boost::json;

constexpr const char* kAdmin = "an-admin-token-of-the-tests-of-chat";
constexpr const char* kSecret = "slack-signing-secret";
constexpr const char* kOtherSecret = "another-signing-secret";
constexpr const char* kPilot = "U0PILOT11";
constexpr const char* kWatch = "U0WATCH22";
constexpr const char* kEve = "U0EVE3333";
constexpr const char* kPilotOnDiscord = "991122334455667788";

std::string seconds_now() {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(
                              std::chrono::system_clock::now().time_since_epoch())
                              .count());
}

struct DiscordKey {
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
    DiscordKey() {
        std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
        seed.fill(0x3C);
        crypto_sign_seed_keypair(open.data(), secret.data(), seed.data());
    }
};
const DiscordKey& discord_key() {
    static const DiscordKey kKey;
    return kKey;
}

std::string encoded(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string form;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        form += '%';
        form += kHex[byte >> 4U];
        form += kHex[byte & 15U];
    }
    return form;
}

/// As Slack sends it; each of its own trigger.
std::string slash(const std::string& person, const std::string& words,
                  const char* team = "T0MAIN") {
    static int trigger = 0;
    return "token=verification&team_id=" + std::string(team) +
           "&channel_id=C0OPS&channel_name=ops&user_id=" + person +
           "&user_name=somebody&command=%2Fdecklog&text=" + encoded(words) +
           "&response_url=https%3A%2F%2Fhooks.slack.com%2FX&trigger_id=1." +
           std::to_string(++trigger);
}

std::string interaction(const std::string& person, const std::string& words) {
    static int id = 0;
    return json::serialize(json::object{
        {"type", 2},
        {"id", "13000000000000000" + std::to_string(10 + ++id)},
        {"application_id", "77"},
        {"guild_id", "1"},
        {"channel_id", "2"},
        {"token", "t"},
        {"member",
         {{"user", {{"id", person}, {"username", "somebody"}}}, {"roles", json::array{}}}},
        {"data",
         {{"type", 1},
          {"name", "decklog"},
          {"options",
           json::array{json::object{{"name", "words"}, {"type", 3}, {"value", words}}}}}}});
}

class ChatServer : public ::testing::Test {
  protected:
    void start(std::vector<Operator> operators) {
        config_.data = directory_.path() / "data";
        config_.disk_free_mib = 0;
        config_.admin_token = Secret(kAdmin);
        config_.accounts = {
            account(ingest::Platform::slack, "default", kSecret),
            account(ingest::Platform::slack, "T0OPS", kOtherSecret),
            account(ingest::Platform::discord, "default", domain::to_hex(discord_key().open))};
        config_.operators = std::move(operators);
        auto app = App::open(config_, {});
        ASSERT_TRUE(app) << app.error().context;
        app_ = std::move(*app);
        server_ = std::make_unique<RunningServer>(*app_);
        EXPECT_EQ(api("POST", "/api/rollouts",
                      R"({"id":"lease-7","service":"lease-api","release":"v2",)"
                      R"("baselineRelease":"v1","policy":"default"})")
                      .status,
                  201);
    }
    void start() {
        start({{"pilot",
                Role::operator_,
                {"slack:" + std::string(kPilot), "discord:" + std::string(kPilotOnDiscord)}},
               {"watch", Role::viewer, {"slack/T0OPS:" + std::string(kWatch)}}});
    }
    static ingest::Account account(ingest::Platform platform, const char* id, std::string secret) {
        ingest::Account made;
        made.platform = platform;
        made.id = id;
        made.secrets = {std::move(secret)};
        return made;
    }

    Response api(std::string_view verb, std::string_view target, std::string_view body = {}) {
        std::string headers = "Authorization: Bearer " + std::string(kAdmin) + "\r\n";
        if (!body.empty()) headers += "Content-Type: application/json\r\n";
        return once(server_->port(), request(verb, target, headers, body));
    }
    json::object get(std::string_view target) {
        return json::parse(api("GET", target).body).as_object();
    }
    Response slack(const std::string& body, const std::string& path = "/hooks/slack",
                   std::string_view secret = kSecret) {
        const std::string time = seconds_now();
        const std::string text = "v0:" + time + ":" + body;
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned int length = 0;
        HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
             &length);
        return once(server_->port(), request("POST", path,
                                             "Content-Type: application/x-www-form-urlencoded\r\n"
                                             "X-Slack-Request-Timestamp: " +
                                                 time + "\r\nX-Slack-Signature: v0=" +
                                                 domain::to_hex(digest.data(), length) + "\r\n",
                                             body));
    }
    Response discord(const std::string& body) {
        const std::string time = seconds_now();
        const std::string message = time + body;
        std::array<unsigned char, crypto_sign_BYTES> signature{};
        crypto_sign_detached(signature.data(), nullptr,
                             reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                             discord_key().secret.data());
        return once(server_->port(), request("POST", "/hooks/discord",
                                             "Content-Type: application/json\r\n"
                                             "X-Signature-Timestamp: " +
                                                 time + "\r\nX-Signature-Ed25519: " +
                                                 domain::to_hex(signature) + "\r\n",
                                             body));
    }
    /// What the person reads.
    static std::string told(const Response& answer) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        const json::object said = json::parse(answer.body).as_object();
        if (const auto* data = said.if_contains("data"))
            return std::string(data->at("content").as_string());
        EXPECT_EQ(said.at("response_type"), "ephemeral");
        return std::string(said.at("text").as_string());
    }
    std::string say(const std::string& person, const std::string& words) {
        return told(slack(slash(person, words)));
    }
    json::array events(const std::string& action) {
        return get("/api/events?limit=100&action=" + action).at("items").as_array();
    }
    std::size_t written() { return get("/api/events?limit=1000").at("items").as_array().size(); }
    std::string stage() {
        return std::string(get("/api/rollouts/lease-7").at("stage").as_string());
    }

    TemporaryDirectory directory_;
    Config config_;
    std::unique_ptr<App> app_;
    std::unique_ptr<RunningServer> server_;
};

constexpr const char* kOverride =
    "rollout override lease-7 --reason 'errors were ours' --expires 2h";

TEST_F(ChatServer, AnOperatorSteersARolloutFromSlack) {
    start();
    EXPECT_NE(say(kPilot, "").find("rollout override ID"), std::string::npos);
    EXPECT_NE(say(kPilot, kOverride).find("by pilot: errors were ours"), std::string::npos);
    const json::object let = get("/api/rollouts/lease-7").at("override").as_object();
    EXPECT_EQ(let.at("by"), "pilot");
    EXPECT_EQ(let.at("recordedBy"), "hook:slack:default");
    EXPECT_NE(say(kPilot, "rollout stage lease-7 canary --weight 5").find("canary at 5 %"),
              std::string::npos);
    EXPECT_EQ(stage(), "canary");

    const json::array commands = events("command_received");
    const json::array changed = events("rollout_stage_changed");
    ASSERT_EQ(commands.size(), 3U);
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_EQ(changed[0].at("actor").at("id"), "pilot");
    EXPECT_EQ(changed[0].at("actor").at("type"), "operator");
    EXPECT_EQ(changed[0].at("causationId"), commands[2].at("eventId"));
    EXPECT_EQ(changed[0].at("correlationId"), commands[2].at("correlationId"));
}

TEST_F(ChatServer, AnOperatorSteersARolloutFromDiscord) {
    start();
    const Response answer = discord(interaction(kPilotOnDiscord, kOverride));
    const json::object said = json::parse(answer.body).as_object();
    EXPECT_EQ(said.at("type"), 4);
    EXPECT_EQ(said.at("data").at("flags"), 64);
    EXPECT_TRUE(said.at("data").at("allowed_mentions").at("parse").as_array().empty());
    EXPECT_NE(told(answer).find("by pilot: errors were ours"), std::string::npos);
    EXPECT_LT(told(answer).size(), 2'000U);
    const auto event = events("rollout_overridden");
    ASSERT_EQ(event.size(), 1U);
    EXPECT_EQ(event[0].at("recordedBy"), "hook:discord:default");
    EXPECT_EQ(event[0].at("causationId"), events("command_received")[0].at("eventId"));
}

TEST_F(ChatServer, SomebodyWhoIsNotListedChangesNothing) {
    start();
    const std::size_t before = written();
    const std::string answer = say(kEve, "rollout stage lease-7 aborted");
    EXPECT_NE(answer.find("ask an administrator to list you under [[operators]]"),
              std::string::npos);
    EXPECT_EQ(answer.find("aborted"), std::string::npos) << "nothing is repeated";
    EXPECT_NE(
        told(discord(interaction(kPilot, "rollout stage lease-7 aborted"))).find("not listed"),
        std::string::npos)
        << "an id of another platform";
    EXPECT_EQ(written(), before + 2) << "the commands and nothing else";
    EXPECT_EQ(events("command_received").size(), 2U);
    EXPECT_EQ(stage(), "shadow");
}

TEST_F(ChatServer, APersonOfOneAccountIsNobodyInAnother) {
    start();
    const auto from_ops = [&](const std::string& words) {
        return told(slack(slash(kWatch, words, "T0OPS"), "/hooks/slack/T0OPS", kOtherSecret));
    };
    EXPECT_NE(from_ops("rollout show lease-7").find("lease-7: shadow"), std::string::npos);
    EXPECT_NE(from_ops("rollout stage lease-7 aborted").find("yours is viewer"), std::string::npos);
    EXPECT_NE(say(kWatch, "rollout show lease-7").find("not listed"), std::string::npos);
    EXPECT_EQ(
        slack(slash(kPilot, "rollout stage lease-7 aborted"), "/hooks/slack", "forged").status,
        401);
    EXPECT_EQ(stage(), "shadow");
}

TEST_F(ChatServer, ARedeliveryIsAnsweredTheSameAndAppliedOnce) {
    start();
    const std::string override_body = slash(kPilot, kOverride);
    const std::string first = slack(override_body).body;
    EXPECT_EQ(slack(override_body).body, first);
    const std::string stage_body = slash(kPilot, "rollout stage lease-7 canary --weight 5");
    const std::string moved = slack(stage_body).body;
    static_cast<void>(say(kPilot, "rollout stage lease-7 aborted"));
    EXPECT_EQ(slack(stage_body).body, moved) << "as it stood behind the command";
    EXPECT_EQ(slack(override_body).body, first);
    EXPECT_EQ(events("rollout_overridden").size(), 1U);
    EXPECT_EQ(events("rollout_stage_changed").size(), 2U);
    EXPECT_EQ(events("command_received").size(), 3U);
    EXPECT_EQ(stage(), "aborted");
}

TEST_F(ChatServer, BadWordsAreRecordedAndAnsweredWithWhatToWrite) {
    start();
    EXPECT_NE(say(kPilot, "rollout promote lease-7").find("there is no such command; help"),
              std::string::npos);
    EXPECT_NE(say(kPilot, "rollout override lease-7 --expires 2h").find("--reason: write why"),
              std::string::npos);
    EXPECT_NE(
        say(kPilot, "rollout override lease-7 --reason ours").find("--expires: write for how long"),
        std::string::npos);
    EXPECT_NE(say(kPilot, "rollout override lease-7 --reason 'see <@U0EVE3333>' --expires 1h")
                  .find("name nobody by a mention"),
              std::string::npos);
    EXPECT_EQ(events("command_received").size(), 4U);
    EXPECT_TRUE(events("rollout_overridden").empty());
}

TEST_F(ChatServer, NothingInAnAnswerMeansAnythingToThePlatform) {
    start();
    json::object later{{"reason", "R&D says <@U1> `*ok*`"}};
    EXPECT_EQ(api("POST", "/api/rollouts/lease-7/gates",
                  R"({"name":"ci","status":"passed","evidence":"<!channel>"})")
                  .status,
              201);
    const auto in_an_hour = std::chrono::system_clock::now() + std::chrono::hours(1);
    later["expiresAt"] = domain::to_rfc3339(
        std::chrono::duration_cast<std::chrono::microseconds>(in_an_hour.time_since_epoch())
            .count());
    ASSERT_EQ(api("POST", "/api/rollouts/lease-7/override", json::serialize(later)).status, 201);
    const std::string in_slack = say(kPilot, "rollout show lease-7");
    EXPECT_NE(in_slack.find("R&amp;D says &lt;@U1&gt; '*ok*'"), std::string::npos) << in_slack;
    EXPECT_TRUE(in_slack.starts_with("```\n") && in_slack.ends_with("\n```"));
    const std::string in_discord =
        told(discord(interaction(kPilotOnDiscord, "rollout show lease-7")));
    EXPECT_NE(in_discord.find("R&D says <@U1> '*ok*'"), std::string::npos) << "none is pinged";
}

TEST_F(ChatServer, WithNobodyListedACommandIsRecordedAsBefore) {
    start({});
    EXPECT_NE(say(kPilot, "rollout stage lease-7 aborted").find("Recorded: command at position"),
              std::string::npos);
    EXPECT_NE(told(discord(interaction(kPilotOnDiscord, "rollout stage lease-7 aborted")))
                  .find("Recorded: command at position"),
              std::string::npos);
    EXPECT_EQ(stage(), "shadow");
    EXPECT_EQ(events("command_received").size(), 2U);
}

TEST_F(ChatServer, NoIdOfAPersonStandsInTheLogInTheOpen) {
    start();
    static_cast<void>(say(kPilot, kOverride));
    static_cast<void>(say(kPilot, "rollout stage lease-7 aborted"));
    static_cast<void>(say(kEve, "rollout list"));
    std::string bytes;
    const auto read = app_->core().ledger->read({0, 0}, [&](const store::FramePtr& frame) {
        const auto part = frame->bytes();
        bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
        return true;
    });
    ASSERT_TRUE(read);
    EXPECT_NE(bytes.find("pilot"), std::string::npos) << "the name that the configuration gave";
    for (const char* id : {kPilot, kEve}) EXPECT_EQ(bytes.find(id), std::string::npos) << id;
}

}  // namespace decklog::api::chat_server_test
