// Acting on a verdict and drills, with the real binary: commands run in the caller's process and
// are recorded without its secrets; a candidate waits for its drills; evidence comes from the log.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::drills {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr const char* kPolicy = R"(
minimum_exposure = 200
canary_weights = [20]
required_drills = ["rollout", "rollback"]
[[streams]]
action = "ai_reply_error"
attempts = ["ai_reply_created"]
)";

class DrillTest : public testing::Test {
  protected:
    DrillTest() {
        EXPECT_TRUE(server_.start()) << server_.log();
        static_cast<void>(post("/api/rollouts", {{"id", "r1"},
                                                 {"service", "lease-api"},
                                                 {"release", "3f2c9d1"},
                                                 {"baselineRelease", "0ceb532"},
                                                 {"policy", kPolicy}}));
    }
    json::object post(const std::string& target, const json::object& body) {
        HttpClient http(server_.url(), server_.admin_token());
        const HttpAnswer answer = http.post(target, json::serialize(body));
        EXPECT_LT(answer.status, 300) << target << answer.body;
        return json::parse(answer.body).as_object();
    }
    json::object get(const std::string& target) {
        HttpClient http(server_.url(), server_.admin_token());
        const HttpAnswer answer = http.get(target);
        EXPECT_EQ(answer.status, 200) << target << answer.body;
        return json::parse(answer.body).as_object();
    }
    void traffic(const char* cohort, int units, int errors = 0) {
        json::array actions;
        for (int i = 0; i < units; ++i) {
            actions.push_back(
                json::object{{"actorType", "worker"},
                             {"actorId", "w1"},
                             {"entityType", "message"},
                             {"entityId", "m" + std::to_string(next_)},
                             {"action", i < errors ? "ai_reply_error" : "ai_reply_created"},
                             {"details", json::object{{"platform", "roomies"}}},
                             {"cohort", cohort},
                             {"unit", "u" + std::to_string(next_++)}});
        }
        HttpClient http(server_.url(), server_.admin_token());
        EXPECT_EQ(http.post("/api/audit", json::serialize(actions)).status, 200);
    }
    Finished run(std::vector<std::string> words,
                 const std::map<std::string, std::string>& environment = {}) {
        words.insert(words.end(), {"--data", server_.data().string()});
        return run_decklog(words, environment);
    }
    Finished run_commands(const std::vector<std::string>& commands,
                          const std::map<std::string, std::string>& environment = {},
                          std::vector<std::string> more = {"--json"}) {
        std::vector<std::string> words{"rollout", "run", "--rollout", "r1"};
        for (const std::string& command : commands) words.insert(words.end(), {"--exec", command});
        words.insert(words.end(), more.begin(), more.end());
        return run(words, environment);
    }
    Finished drill(const std::string& kind, const std::string& command,
                   std::vector<std::string> more = {}) {
        std::vector<std::string> words{"drill",   kind,     "--rollout", "r1",    "--environment",
                                       "staging", "--exec", command,     "--out", out().string()};
        if (kind == "rollback") {
            words.insert(words.end(), {"--history", "echo REVISION 3", "--revision", "3"});
        }
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }
    /// Of the last line of `--json`.
    static std::string run_id(const Finished& finished) {
        std::istringstream lines(finished.out);
        std::string last;
        for (std::string line; std::getline(lines, line);) last = line;
        return std::string(json::parse(last).at("run").as_string());
    }
    json::object recorded(const Finished& finished) {
        return get("/api/rollouts/r1/runs/" + run_id(finished));
    }
    [[nodiscard]] fs::path out() const { return folder_.path() / "qa" / "evidence"; }
    [[nodiscard]] std::vector<std::string> evidence() const {
        std::vector<std::string> names;
        std::error_code none;
        for (const auto& entry : fs::directory_iterator(out(), none))
            names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }
    static std::string content(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    TemporaryFolder folder_;
    ServerProcess server_{folder_.path() / "data", {{"DECKLOG_DRAIN_SECONDS", "0"}}};
    int next_ = 0;
};

int exit_code_of(const json::object& command) {
    return static_cast<int>(command.at("exitCode").as_int64());
}

TEST_F(DrillTest, ActsOnAVerdictWithoutItsSecrets) {
    static_cast<void>(post("/api/rollouts/r1/gates", {{"name", "ci"}, {"status", "failed"}}));
    for (int i = 0; i < 500; ++i) {
        if (get("/api/rollouts/r1").at("standing").as_object().at("verdict") == "rollback") break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    static_cast<void>(post("/api/rollouts/r1/stage", {{"stage", "rolled_back"}}));
    const std::string secret = "planted0secret0of0auth";
    const Finished finished =
        run_commands({"env", "echo " + secret + " '" + server_.admin_token() + "'"},
                     {{"BETTER_AUTH_SECRET", secret},
                      {"my_password", "hunter2"},
                      {"GREETING", "hello " + secret + " and hunter2!"},
                      {"DECKLOG_VERDICT", "promote"}},
                     {"--json", "--url", server_.url(), "--token", server_.admin_token()});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    const json::object told = recorded(finished);
    EXPECT_EQ(told.at("verdict"), "rollback");
    const json::array& commands = told.at("commands").as_array();
    ASSERT_EQ(commands.size(), 2U);
    const std::string variables(commands[0].as_object().at("output").as_string());
    for (const char* line : {"DECKLOG_ROLLOUT=r1\n", "DECKLOG_RELEASE=3f2c9d1\n",
                             "DECKLOG_VERDICT=rollback\n", "GREETING=hello *** and ***!\n"})
        EXPECT_NE(variables.find(line), std::string::npos) << line << variables;
    EXPECT_EQ(variables.find("DECKLOG_VERDICT=promote"), std::string::npos);
    EXPECT_EQ(json::serialize(commands[1].as_object().at("words")), R"(["echo","***","***"])");
    EXPECT_EQ(commands[1].as_object().at("output"), "*** ***\n");
    EXPECT_NE(finished.err.find("GREETING=hello ***"), std::string::npos) << "shown as it came";
    const std::string everything = finished.out + finished.err + json::serialize(told) +
                                   json::serialize(get("/api/events?action=rollout_command_ran")) +
                                   server_.log();
    for (const std::string& word : {secret, std::string("hunter2"), server_.admin_token(),
                                    std::string("BETTER_AUTH_SECRET"), std::string("my_password")})
        EXPECT_EQ(everything.find(word), std::string::npos) << word;
}

TEST_F(DrillTest, StopsAtTheFirstCommandThatFails) {
    const fs::path never = folder_.path() / "never";
    const Finished finished =
        run_commands({"echo first", "sh -c 'echo why >&2; exit 3'", "touch " + never.string()});
    EXPECT_EQ(finished.exit_code, 1);
    EXPECT_NE(finished.err.find("command 2 ended with 3"), std::string::npos) << finished.err;
    EXPECT_FALSE(fs::exists(never));
    const json::object told = recorded(finished);
    const json::array& commands = told.at("commands").as_array();
    ASSERT_EQ(commands.size(), 2U);
    EXPECT_EQ(exit_code_of(commands[0].as_object()), 0);
    EXPECT_EQ(exit_code_of(commands[1].as_object()), 3);
    EXPECT_EQ(commands[1].as_object().at("output"), "why\n");
    EXPECT_EQ(told.at("verdict"), "") << "none yet";
    const Finished asks = run_commands({"sh -c 'test \"$DECKLOG_VERDICT\" = continue'"});
    EXPECT_EQ(asks.exit_code, 0) << asks.out;
}

TEST_F(DrillTest, KeepsTheBeginningOfLongOutputAndEndsWhatTakesTooLong) {
    const Finished finished = run_commands({"seq 1 100000", "/nonexistent/kubectl rollout undo"},
                                           {}, {"--json", "--timeout", "60s"});
    EXPECT_EQ(finished.exit_code, 1);
    const json::array commands = recorded(finished).at("commands").as_array();
    ASSERT_EQ(commands.size(), 2U);
    EXPECT_EQ(commands[0].as_object().at("output").as_string().size(), 64U * 1024);
    EXPECT_TRUE(commands[0].as_object().at("cut").as_bool());
    EXPECT_EQ(exit_code_of(commands[1].as_object()), 127);
    EXPECT_FALSE(commands[1].as_object().at("cut").as_bool());

    const Finished late = run_commands({"sleep 60"}, {}, {"--json", "--timeout", "1s"});
    EXPECT_EQ(late.exit_code, 1);
    EXPECT_NE(late.err.find("took too long"), std::string::npos) << late.err;
    const json::array ended = recorded(late).at("commands").as_array();
    EXPECT_EQ(exit_code_of(ended[0].as_object()), 128 + SIGTERM);
}

TEST_F(DrillTest, AnInterruptEndsTheCommandAndTheRunIsKept) {
    const fs::path never = folder_.path() / "never";
    const Finished finished =
        run_commands({"sh -c 'kill -INT $PPID; sleep 60'", "touch " + never.string()});
    EXPECT_EQ(finished.exit_code, 1);
    EXPECT_NE(finished.err.find("command 1 was interrupted"), std::string::npos) << finished.err;
    EXPECT_FALSE(fs::exists(never));
    const json::array commands = recorded(finished).at("commands").as_array();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(exit_code_of(commands[0].as_object()), 128 + SIGTERM);
}

TEST_F(DrillTest, WhatCannotBeRecordedIsToldAndNothingFollows) {
    const fs::path never = folder_.path() / "never";
    const Finished finished =
        run_commands({"kill -9 " + std::to_string(server_.pid()), "touch " + never.string()}, {},
                     {"--url", server_.url(), "--token", server_.admin_token()});
    EXPECT_EQ(finished.exit_code, 1);
    EXPECT_NE(finished.err.find("command 1 ended with 0, but could not be recorded"),
              std::string::npos)
        << finished.err;
    EXPECT_FALSE(fs::exists(never));
}

TEST_F(DrillTest, RefusesWhatIsNoCommandBeforeAnyRuns) {
    const fs::path never = folder_.path() / "never";
    const Finished quote = run_commands({"touch " + never.string(), "echo 'x"});
    EXPECT_EQ(quote.exit_code, 64) << quote.err;
    EXPECT_NE(quote.err.find("--exec: a quote"), std::string::npos) << quote.err;
    EXPECT_EQ(run_commands({}).exit_code, 64);
    EXPECT_EQ(run_commands({"true"}, {}, {"--timeout", "soon"}).exit_code, 64);
    const Finished unknown =
        run({"rollout", "run", "--rollout", "none", "--exec", "touch " + never.string()});
    EXPECT_EQ(unknown.exit_code, 1);
    EXPECT_NE(unknown.err.find("not_found"), std::string::npos) << unknown.err;
    EXPECT_EQ(drill("rollout", "touch " + never.string(), {"--window", "90m"}).exit_code, 64);
    EXPECT_FALSE(fs::exists(never));
}

TEST_F(DrillTest, ADrillLeavesEvidenceAndNoneIsWrittenOver) {
    traffic("shadow", 5);
    const Finished first = drill("rollback", "echo rolled back");
    ASSERT_EQ(first.exit_code, 0) << first.err;
    EXPECT_NE(first.out.find("rollback drill passed"), std::string::npos) << first.out;
    ASSERT_EQ(evidence().size(), 1U);
    const std::string name = evidence()[0];
    EXPECT_TRUE(name.starts_with("rollback-drill-20") && name.ends_with(".md")) << name;
    const std::string text = content(out() / name);
    for (const char* part :
         {"# Rollback drill: pass\n", "| Operator | server |", "| Environment | staging |",
          "| Service | lease-api |", "| SHA | 3f2c9d1 |", "| Chosen revision | 3 |",
          "$ echo REVISION 3\nREVISION 3\n", "$ echo rolled back\nrolled back\n",
          "## Rollout history\n\n```text\nREVISION 3\n```\n", "\"auditByPlatform\": [\n",
          "{\"platform\":\"roomies\",\"count\":5}"})
        EXPECT_NE(text.find(part), std::string::npos) << part << text;

    ASSERT_EQ(drill("rollback", "echo again", {"--operator", "Kim Ode"}).exit_code, 0);
    const std::string second = name.substr(0, name.size() - 3) + "-2.md";
    EXPECT_EQ(evidence(), (std::vector<std::string>{second, name}));
    EXPECT_EQ(content(out() / name), text) << "as it was";
    EXPECT_NE(content(out() / second).find("$ echo again"), std::string::npos);
    EXPECT_NE(
        content(out() / second).find("| Operator | Kim Ode |\n| Recorded by | token:server |"),
        std::string::npos)
        << content(out() / second);
    EXPECT_EQ(get("/api/rollouts/r1").at("drills").as_array().size(), 2U);
}

TEST_F(DrillTest, ASnapshotThatShowsNothingIsNoPass) {
    const Finished refused = drill("rollout", "true");
    EXPECT_EQ(refused.exit_code, 1);
    for (const char* part : {"by conversation", "owner_needed"})
        EXPECT_NE(refused.err.find(part), std::string::npos) << part << refused.err;
    EXPECT_TRUE(get("/api/rollouts/r1").at("drills").as_array().empty());

    const Finished finished = drill("rollout", "true", {"--follow-up-owner", "Release duty"});
    EXPECT_EQ(finished.exit_code, 1);
    EXPECT_NE(finished.err.find("the snapshot of 2 hours has no row by platform, by agent, "
                                "by conversation; evidence: "),
              std::string::npos)
        << finished.err;
    ASSERT_EQ(evidence().size(), 1U);
    const std::string text = content(out() / evidence()[0]);
    for (const char* part : {"# Rollout drill: fail\n", "\"auditByConversation\": []"})
        EXPECT_NE(text.find(part), std::string::npos) << part << text;
}

TEST_F(DrillTest, TheWayBackWantsAHistory) {
    traffic("shadow", 5);
    const fs::path never = folder_.path() / "never";
    const std::vector<std::string> words{
        "drill",         "rollback", "--rollout", "r1",
        "--environment", "staging",  "--exec",    "touch " + never.string(),
        "--revision",    "3",        "--out",     out().string()};
    const Finished without = run(words);
    EXPECT_EQ(without.exit_code, 64);
    EXPECT_NE(without.err.find("--history"), std::string::npos) << without.err;

    std::vector<std::string> blank = words;
    blank.insert(blank.end(), {"--history", "echo", "--follow-up-owner", "Release duty"});
    const Finished printed_nothing = run(blank);
    EXPECT_EQ(printed_nothing.exit_code, 1);
    EXPECT_NE(printed_nothing.err.find("--history printed nothing"), std::string::npos)
        << printed_nothing.err;
    EXPECT_FALSE(fs::exists(never));
    EXPECT_EQ(evidence().size(), 1U);
}

TEST_F(DrillTest, WhatFollowsUnfinishedOutputBeginsItsOwnLine) {
    const Finished finished = run_commands({"printf one", "printf two"}, {}, {});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_TRUE(finished.out.starts_with("$ printf one\none\n$ printf two\ntwo\nrun "))
        << finished.out;
    const Finished again = run_commands({"printf one"});
    EXPECT_EQ(recorded(again).at("commands").as_array()[0].as_object().at("output"), "one");
}

TEST_F(DrillTest, AFailedDrillNamesWhoFollowsUpOrIsRefused) {
    const Finished refused = drill("rollout", "false");
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_NE(refused.err.find("owner_needed"), std::string::npos) << refused.err;
    EXPECT_TRUE(evidence().empty());
    EXPECT_TRUE(get("/api/rollouts/r1").at("drills").as_array().empty());

    const Finished failed = drill("rollout", "false", {"--follow-up-owner", "Release duty"});
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_NE(failed.err.find("the drill failed: command 1 ended with 1"), std::string::npos)
        << failed.err;
    ASSERT_EQ(evidence().size(), 1U);
    const std::string text = content(out() / evidence()[0]);
    EXPECT_NE(text.find("# Rollout drill: fail\n"), std::string::npos);
    EXPECT_NE(text.find("| Follow-up owner | Release duty |"), std::string::npos);
}

TEST_F(DrillTest, WhoMayNotSeeTheSnapshotRunsNothing) {
    const json::object token = post("/api/tokens", {{"role", "operator"}, {"name", "op"}});
    const fs::path never = folder_.path() / "never";
    const Finished finished =
        drill("rollout", "touch " + never.string(),
              {"--json", "--follow-up-owner", "Release duty", "--url", server_.url(), "--token",
               std::string(token.at("token").as_string())});
    EXPECT_EQ(finished.exit_code, 1);
    for (const char* part : {"a drill wants an admin token", "snapshot", "nothing was run"})
        EXPECT_NE(finished.err.find(part), std::string::npos) << part << finished.err;
    EXPECT_EQ(json::parse(finished.out).at("error"), "forbidden");
    EXPECT_FALSE(fs::exists(never));
    EXPECT_TRUE(evidence().empty());
    EXPECT_TRUE(get("/api/rollouts/r1").at("drills").as_array().empty());
}

TEST_F(DrillTest, ACandidateIsHeldUntilItsDrillsPassed) {
    const auto check = [this] { return run({"gate", "check", "--rollout", "r1", "--json"}); };
    for (int i = 0; i < 2; ++i) {
        traffic("shadow", 250);
        static_cast<void>(check());
    }
    static_cast<void>(post("/api/rollouts/r1/stage", {{"stage", "canary"}, {"weight", 20}}));
    Finished said;
    said.exit_code = 4;
    for (int i = 0; i < 20 && said.exit_code == 4; ++i) {
        traffic("canary", 300);
        traffic("shadow", 1200, 50);
        said = check();
    }
    EXPECT_EQ(said.exit_code, 2) << said.out;
    EXPECT_NE(said.out.find(R"("reason":"drill_missing")"), std::string::npos) << said.out;
    EXPECT_NE(said.out.find(R"("subject":"rollout, rollback")"), std::string::npos) << said.out;
    EXPECT_EQ(drill("rollout", "true").exit_code, 0);
    EXPECT_EQ(drill("rollback", "true").exit_code, 0);
    traffic("canary", 300);
    traffic("shadow", 1200, 50);
    said = check();
    EXPECT_EQ(said.exit_code, 0) << said.out;
}

TEST_F(DrillTest, WorksOnFilesThatNobodyServes) {
    traffic("shadow", 5);
    ASSERT_EQ(server_.stop(), 0);
    const Finished finished = drill("rollout", "true", {"--json"});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_EQ(evidence().size(), 1U);
    EXPECT_EQ(run({"verify"}).exit_code, 0);
}

}  // namespace decklog::e2e::drills
