// The real binary, a rollout and Slack: an operator listed in the configuration lets it go on,
// moves it and ends it from chat, over a kill in between; then is erased, and their id stands
// nowhere.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "tests/e2e/file_search.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/traces.hpp"

namespace decklog::e2e::chat_commands {

namespace json = boost::json;

constexpr const char* kPilot = "U0PILOT11XYZ";

std::string slash(const std::string& words) {
    static int trigger = 0;
    std::string text;
    for (const char c : words) text += c == ' ' ? '+' : c;
    return "team_id=T0MAIN&channel_id=C0OPS&channel_name=ops&user_id=" + std::string(kPilot) +
           "&user_name=ann.example&command=%2Fdecklog&text=" + text + "&trigger_id=1." +
           std::to_string(++trigger);
}

class ChatCommandsTest : public testing::Test {
  protected:
    ChatCommandsTest() {
        const auto config = folder_.path() / "decklog.toml";
        std::ofstream(config) << "[[operators]]\nname = \"pilot\"\nrole = \"operator\"\n"
                                 "people = [\"slack:"
                              << kPilot << "\"]\n";
        server_.set_arguments({"--config", config.string()});
        EXPECT_TRUE(server_.start()) << server_.log();
    }
    std::string slack(const std::string& body) {
        HttpClient platform(server_.url());
        const HttpAnswer answer =
            platform.post("/hooks/slack", body,
                          slack_headers(body, now_seconds(), "application/x-www-form-urlencoded"));
        EXPECT_EQ(answer.status, 200) << answer.body;
        return std::string(json::parse(answer.body).at("text").as_string());
    }
    /// What a command prints.
    std::string decklog(std::vector<std::string> words) {
        words.insert(words.end(), {"--data", server_.data().string()});
        const Finished finished = run_decklog(words);
        EXPECT_EQ(finished.exit_code, 0) << finished.err;
        return finished.out;
    }
    json::object shown() {
        return json::parse(decklog({"rollout", "show", "lease-7", "--json"})).as_object();
    }

    TemporaryFolder folder_;
    ServerProcess server_{folder_.path() / "data", [] {
                              auto environment = hook_secrets();
                              environment["DECKLOG_DRAIN_SECONDS"] = "0";
                              return environment;
                          }()};
};

TEST_F(ChatCommandsTest, AnOperatorSteersARolloutOverAKillAndIsThenErased) {
    HttpClient admin(server_.url(), server_.admin_token());
    const HttpAnswer made = admin.post(
        "/api/rollouts",
        R"({"id":"lease-7","service":"lease-api","release":"v2","baselineRelease":"v1"})");
    ASSERT_EQ(made.status, 201) << made.body;

    EXPECT_NE(slack(slash("rollout stage lease-7 canary --weight 5")).find("not promote"),
              std::string::npos);
    const std::string let = slack(slash("rollout override lease-7 --reason ours --expires 2h"));
    EXPECT_NE(let.find("by pilot: ours"), std::string::npos) << let;
    EXPECT_EQ(shown().at("override").at("by"), "pilot");
    EXPECT_EQ(shown().at("override").at("recordedBy"), "hook:slack:default");

    const std::string body = slash("rollout stage lease-7 canary --weight 5");
    const std::string moved = slack(body);
    EXPECT_NE(moved.find("lease-7: canary at 5 %"), std::string::npos) << moved;
    server_.kill_hard();
    ASSERT_TRUE(server_.start()) << server_.log();
    EXPECT_EQ(slack(body), moved) << "a redelivery behind a kill";
    EXPECT_NE(slack(slash("rollout stage lease-7 aborted")).find("lease-7: aborted"),
              std::string::npos);
    EXPECT_EQ(shown().at("stage"), "aborted");

    int changes = 0;
    for (std::string lines = decklog({"events", "--stream", "rollout/lease-7", "--json"});
         !lines.empty(); lines.erase(0, lines.find('\n') + 1)) {
        const json::object event = json::parse(lines.substr(0, lines.find('\n'))).as_object();
        if (event.at("action") != "rollout_stage_changed") continue;
        ++changes;
        EXPECT_EQ(event.at("actor").at("id"), "pilot");
        EXPECT_FALSE(event.at("causationId").as_string().empty());
    }
    EXPECT_EQ(changes, 2) << "the refused one changed nothing, the repeated one once";

    static_cast<void>(decklog({"erase", "slack:" + std::string(kPilot), "--reason", "left"}));
    static_cast<void>(decklog({"verify"}));
    EXPECT_EQ(server_.stop(), 0);
    std::string files = all_files(server_.data()) + server_.log();
    for (const char* database : {"ledger", "vault", "views"})
        files += all_rows(server_.data() / database);
    EXPECT_GT(found(files, "pilot"), 0U) << "the name stays, the person is gone";
    expect_none_of({kPilot, "ann.example"}, files, "the files");
}

}  // namespace decklog::e2e::chat_commands
