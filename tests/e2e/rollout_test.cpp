// The real binary over HTTP and by its command line: a release that is promoted to full, one with a
// regression that is rolled back, one gone silent, one with a red gate, and a kill between a check
// and its verdict.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

#include "domain/rollout/rollout.hpp"
#include "domain/time_text.hpp"
#include "store/clock.hpp"
#include "store/directory/directory.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::rollouts {

namespace json = boost::json;

constexpr const char* kPolicy = R"(
minimum_exposure = 200
canary_weights = [20]
full_watch_seconds = 1
silence = { checks = 2, seconds = 0 }
[[streams]]
action = "ai_reply_error"
attempts = ["ai_reply_created"]
)";

class RolloutTest : public testing::Test {
  protected:
    RolloutTest() { EXPECT_TRUE(server_.start()) << server_.log(); }

    [[nodiscard]] HttpClient client() { return HttpClient(server_.url(), server_.admin_token()); }
    json::object post(const std::string& target, const json::object& body, int status) {
        HttpClient http = client();
        const HttpAnswer answer = http.post(target, json::serialize(body));
        EXPECT_EQ(answer.status, status) << target << answer.body;
        return json::parse(answer.body).as_object();
    }
    /// `more`: keys of the policy, in lines.
    void create(const std::string& id, const std::string& more = {}) {
        static_cast<void>(post("/api/rollouts",
                               {{"id", id},
                                {"service", "lease-api"},
                                {"release", "v2"},
                                {"baselineRelease", "v1"},
                                {"policy", more + kPolicy}},
                               201));
    }
    void traffic(const char* cohort, int units, int errors = 0) {
        std::string lines;
        for (int i = 0; i < units; ++i) {
            lines += json::serialize(json::object{
                         {"actorType", "worker"},
                         {"actorId", "w1"},
                         {"entityType", "message"},
                         {"entityId", "m" + std::to_string(next_)},
                         {"action", i < errors ? "ai_reply_error" : "ai_reply_created"},
                         {"details", json::object{{"platform", "roomies"}}},
                         {"cohort", cohort},
                         {"unit", "u" + std::to_string(next_)}}) +
                     "\n";
            ++next_;
        }
        HttpClient http = client();
        const HttpAnswer answer =
            http.post("/api/audit", lines, {{"Content-Type", "application/x-ndjson"}});
        EXPECT_EQ(answer.status, 200) << answer.body;
    }
    /// The command's exit code.
    int gate(const std::string& what, const std::string& id) {
        const Finished finished = run_decklog(
            {"gate", what, "--rollout", id, "--data", server_.data().string(), "--json"});
        said_ = finished.out;
        return finished.exit_code;
    }
    /// Of this action, in the log's order.
    json::array events(const std::string& action) {
        HttpClient http = client();
        return json::parse(http.get("/api/events?limit=100&action=" + action).body)
            .at("items")
            .as_array();
    }
    /// Seals a check in the data of a server that does not run: what it would have written right
    /// before it was killed. The seal's ordinal.
    std::uint64_t seal_in_the_files(const std::string& id) {
        auto directory = store::Directory::open(server_.data(), std::chrono::milliseconds(0));
        EXPECT_TRUE(directory) << directory.error().context;
        store::LedgerOptions options;
        options.disk_free_bytes_min = 0;
        options.disk_free_share_min = 0;
        auto ledger = store::open_rocks_ledger(server_.data(), options);
        EXPECT_TRUE(ledger) << ledger.error().context;
        domain::SealCheck command;
        command.order.id = id;
        command.order.actor = {"operator", "sample"};
        command.order.recorded_by = "token:sample";
        command.order.now_us = store::system_clock().now_us();
        std::vector<store::Submission> seal(1);
        seal.front().intent = domain::rollout_command(std::move(command));
        const auto answer = store::submit_and_wait(**ledger, 0, std::move(seal)).front();
        EXPECT_TRUE(answer);
        return answer ? answer->last.ordinal : 0;
    }
    void set_stage(const std::string& id, const json::object& stage) {
        static_cast<void>(post("/api/rollouts/" + id + "/stage", stage, 200));
    }
    void override_for_an_hour(const std::string& id) {
        const std::int64_t ends_us = store::system_clock().now_us() + 3'600'000'000;
        static_cast<void>(post("/api/rollouts/" + id + "/override",
                               {{"reason", "a test"}, {"expiresAt", domain::to_rfc3339(ends_us)}},
                               201));
    }
    void wait_for_rollback(const std::string& id, const std::string& reason) {
        for (int i = 0; i < 500 && gate("status", id) != 3; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        EXPECT_NE(said_.find("\"reason\":\"" + reason + "\""), std::string::npos) << said_;
    }
    /// Everything but the time at which it was asked for.
    std::string replay(const std::string& id) {
        const Finished finished = run_decklog(
            {"gate", "replay", "--rollout", id, "--data", server_.data().string(), "--json"});
        EXPECT_NE(finished.out.find(R"("same":true)"), std::string::npos)
            << finished.out << finished.err;
        EXPECT_EQ(finished.exit_code, 3) << "its last verdict is rollback" << finished.err;
        json::object told = json::parse(finished.out).as_object();
        told.erase("asOf");
        return json::serialize(told);
    }
    void to_canary(const std::string& id) {
        for (int i = 0; i < 2; ++i) {
            traffic("shadow", 250);
            static_cast<void>(gate("check", id));
        }
        static_cast<void>(
            post("/api/rollouts/" + id + "/stage", {{"stage", "canary"}, {"weight", 20}}, 200));
    }

    TemporaryFolder folder_;
    ServerProcess server_{folder_.path() / "data", {{"DECKLOG_DRAIN_SECONDS", "0"}}};
    std::string said_;
    int next_ = 0;
};

TEST_F(RolloutTest, AHealthyReleaseGoesToFull) {
    create("r1");
    EXPECT_EQ(gate("status", "r1"), 4) << "nothing was judged yet";
    EXPECT_NE(said_.find(R"("reason":"not_judged")"), std::string::npos) << said_;
    EXPECT_EQ(gate("check", "r1"), 4) << said_;
    to_canary("r1");
    EXPECT_EQ(gate("status", "r1"), 4) << "the promote was the shadow's";
    int code = 4;
    for (int i = 0; i < 20 && code == 4; ++i) {
        traffic("canary", 300);
        traffic("shadow", 1200, 50);
        code = gate("check", "r1");
    }
    EXPECT_EQ(code, 0) << said_;
    EXPECT_EQ(gate("status", "r1"), 0);
    static_cast<void>(post("/api/rollouts/r1/stage", {{"stage", "full"}}, 200));
    for (int i = 0; i < 3; ++i) {
        traffic("full", 50);
        std::this_thread::sleep_for(std::chrono::milliseconds(600));
        code = gate("check", "r1");
    }
    EXPECT_EQ(code, 0) << said_;
    HttpClient http = client();
    EXPECT_NE(http.get("/api/rollouts/r1").body.find(R"("stage":"completed")"), std::string::npos);
    const Finished verified = run_decklog({"verify", "--data", server_.data().string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out;
}

TEST_F(RolloutTest, AFourfoldRegressionIsRolledBackWithinTheMedianOfTheTable) {
    create("r1");
    to_canary("r1");
    int code = 4, checks = 0;
    for (; checks < 5 && code == 4; ++checks) {
        traffic("canary", 1000, 40);  // 4 %
        traffic("shadow", 4000, 40);  // 1 %
        code = gate("check", "r1");
    }
    EXPECT_EQ(code, 3) << said_;
    EXPECT_EQ(checks, 1) << "docs/gate.md, 1 % and 4x";
    EXPECT_NE(said_.find(R"("reason":"regression")"), std::string::npos) << said_;
    EXPECT_EQ(gate("check", "r1"), 3) << "it stays";
}

TEST_F(RolloutTest, ACanaryThatGoesSilentIsRolledBack) {
    create("r1");
    to_canary("r1");
    traffic("canary", 100);
    int code = 4;
    for (int i = 0; i < 5 && code != 3; ++i) {  // a hold over the shares may come first
        traffic("shadow", 400);
        code = gate("check", "r1");
    }
    EXPECT_EQ(code, 3) << said_;
    EXPECT_NE(said_.find(R"("reason":"canary_silent")"), std::string::npos) << said_;
}

TEST_F(RolloutTest, ARedGateRollsBackAndTheVerdictSurvivesAKill) {
    create("r1");
    traffic("shadow", 10);
    static_cast<void>(post("/api/rollouts/r1/gates", {{"name", "ci"}, {"status", "failed"}}, 201));
    server_.kill_hard();  // maybe before its verdict
    ASSERT_TRUE(server_.start()) << server_.log();
    int code = 1;
    for (int i = 0; i < 200 && code != 3; ++i) {
        code = gate("status", "r1");
        if (code != 3) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(code, 3) << said_;
    EXPECT_NE(said_.find(R"("subject":"ci")"), std::string::npos) << said_;
}

TEST_F(RolloutTest, AKillBetweenACheckAndItsVerdictLosesNeither) {
    create("r1");
    for (int round = 0; round < 3; ++round) {
        traffic("shadow", 30);
        std::thread asking([this] {
            HttpClient http = client();
            static_cast<void>(http.post("/api/rollouts/r1/check", "{}"));
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(4 * round));
        server_.kill_hard();
        asking.join();
        ASSERT_TRUE(server_.start()) << server_.log();
    }
    const int code = gate("check", "r1");
    EXPECT_TRUE(code == 4 || code == 0) << said_;
    EXPECT_EQ(events("check_sealed").size(), events("verdict_reached").size()) << "one each";
}

TEST_F(RolloutTest, ASealThatAKillLeftWithoutItsVerdictGetsExactlyOne) {
    create("r1");
    traffic("shadow", 30);
    EXPECT_EQ(gate("check", "r1"), 4) << said_;
    server_.kill_hard();
    const std::uint64_t seal = seal_in_the_files("r1");
    for (int start = 0; start < 2; ++start) {
        ASSERT_TRUE(server_.start()) << server_.log();
        for (int i = 0; i < 500 && events("verdict_reached").size() < 2; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        std::this_thread::sleep_for(std::chrono::milliseconds(300));  // no second one follows
        const json::array seals = events("check_sealed"), verdicts = events("verdict_reached");
        ASSERT_EQ(seals.size(), 2U);
        ASSERT_EQ(verdicts.size(), 2U) << "start " << start;
        const std::string sealed(seals.back().at("position").as_string());
        EXPECT_TRUE(sealed.ends_with(".0:" + std::to_string(seal))) << sealed;
        EXPECT_EQ(verdicts.back().at("payload").at("number"), 2) << json::serialize(verdicts);
        server_.kill_hard();
    }
}

/// Two weights, a red gate and an override past it, full with a baseline that is over, a required
/// platform that goes missing: whatever a verdict was reached from is in the log.
TEST_F(RolloutTest, AFinishedRolloutIsReplayedByteForByte) {
    const std::string account = std::string(
        post("/api/admin/platform-accounts",
             {{"platform", "roomies"}, {"accountName", "A"}, {"accountExternalId", "a"}}, 201)
            .at("item")
            .at("id")
            .as_string());
    traffic("shadow", 60);  // the only activity before it begins
    create("r1", "required_platforms = [\"roomies\"]\n");
    to_canary("r1");
    for (const int weight : {20, 50}) {
        int code = 4;
        for (int i = 0; i < 20 && code != 0; ++i) {
            traffic("canary", weight * 15);
            traffic("shadow", 1500 - weight * 15, 50);
            code = gate("check", "r1");
        }
        EXPECT_EQ(code, 0) << said_;
        if (weight == 20) set_stage("r1", {{"stage", "canary"}, {"weight", 50}});
    }
    static_cast<void>(post("/api/rollouts/r1/gates", {{"name", "ci"}, {"status", "failed"}}, 201));
    wait_for_rollback("r1", "gate_failed");
    static_cast<void>(post("/api/rollouts/r1/gates", {{"name", "ci"}, {"status", "passed"}}, 201));
    override_for_an_hour("r1");
    set_stage("r1", {{"stage", "full"}});
    traffic("full", 200, 2);
    EXPECT_EQ(gate("check", "r1"), 4) << said_;
    HttpClient http = client();
    EXPECT_EQ(http.put("/api/admin/platform-policies/" + account, R"({"isActive":false})").status,
              200);
    wait_for_rollback("r1", "missing_platforms");
    set_stage("r1", {{"stage", "rolled_back"}});

    const std::string replayed = replay("r1");
    EXPECT_EQ(replay("r1"), replayed);
    const json::array checks = json::parse(replayed).at("checks").as_array();
    EXPECT_EQ(checks.size(), events("verdict_reached").size()) << "each of them";
    for (const json::value& check : checks) EXPECT_TRUE(check.at("same").as_bool());
    for (const char* reason : {"exposure_met", "not_worse", "gate_failed", "missing_platforms"})
        EXPECT_NE(replayed.find(std::string("\"reason\":\"") + reason), std::string::npos)
            << reason;
    ASSERT_EQ(server_.stop(), 0);
    EXPECT_EQ(replay("r1"), replayed) << "from the files";
}

TEST_F(RolloutTest, ATokenOfAGateReportsItAndDoesNothingElse) {
    create("r5");
    const Finished made = run_decklog({"token", "create", "--name", "ci", "--gate", "api-tests",
                                       "--data", server_.data().string()});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const std::string token = made.out.substr(0, made.out.size() - 1);
    HttpClient ci(server_.url(), token);
    const auto report = [&ci](const char* gate) {
        return ci.post("/api/rollouts/r5/gates",
                       std::string(R"({"name":")") + gate + R"(","status":"passed"})");
    };
    EXPECT_EQ(report("api-tests").status, 201);
    const HttpAnswer other = report("worker-tests");
    EXPECT_EQ(other.status, 403);
    EXPECT_NE(other.body.find(R"("field":"name")"), std::string::npos) << other.body;
    EXPECT_EQ(ci.get("/api/rollouts/r5").status, 403);
    EXPECT_EQ(ci.get("/api/events").status, 403);
    EXPECT_EQ(ci.get("/api/events/live").status, 403);
    EXPECT_EQ(ci.post("/api/rollouts/r5/check", "{}").status, 403);
    EXPECT_EQ(ci.post("/api/rollouts/r5/stage", R"({"stage":"aborted"})").status, 403);
    EXPECT_EQ(ci.post("/api/audit", "[]").status, 403);
    EXPECT_EQ(ci.post("/api/tokens", R"({"name":"x","gate":"api-tests"})").status, 403);
    EXPECT_EQ(HttpClient(server_.url())
                  .get("/api/rollouts/r5", {{"Cookie", "decklog_session=" + token}})
                  .status,
              403);

    server_.kill_hard();
    ASSERT_TRUE(server_.start()) << server_.log();
    HttpClient again(server_.url(), token);
    EXPECT_EQ(again.get("/api/rollouts/r5").status, 403) << "the limit is in the log";
    EXPECT_EQ(
        again.post("/api/rollouts/r5/gates", R"({"name":"api-tests","status":"passed"})").status,
        201);
}

TEST_F(RolloutTest, FlaggerAsksWithATokenInItsAddress) {
    create("r6");
    const Finished made = run_decklog({"token", "create", "--name", "flagger", "--role", "viewer",
                                       "--data", server_.data().string()});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    std::string url = server_.url();
    url.insert(url.find("//") + 2, "flagger:" + made.out.substr(0, made.out.size() - 1) + "@");
    HttpClient flagger(url);
    const auto ask = [&flagger](const char* hook, const std::string& more = {}) {
        return flagger
            .post(std::string("/api/rollouts/r6/flagger/") + hook,
                  R"({"name":"lease-api","namespace":"prod","phase":"Progressing")" + more + "}")
            .status;
    };
    EXPECT_EQ(ask("confirm-rollout"), 200);
    EXPECT_EQ(ask("confirm-promotion"), 409);
    EXPECT_EQ(ask("rollback"), 409);
    EXPECT_EQ(ask("event", R"(,"metadata":{"eventMessage":")" + std::string(16'384, 'x') + "\"}"),
              413);
    EXPECT_EQ(flagger.get("/api/rollouts/r6").status, 401) << "nowhere else";
    to_canary("r6");
    traffic("canary", 500, 100);
    traffic("shadow", 1000, 10);
    EXPECT_EQ(gate("check", "r6"), 3) << said_;
    EXPECT_EQ(ask("rollout"), 409);
    EXPECT_EQ(ask("rollback"), 200);
    EXPECT_EQ(server_.log().find(made.out.substr(0, made.out.size() - 1)), std::string::npos);
}

}  // namespace decklog::e2e::rollouts
