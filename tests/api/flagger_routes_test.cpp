// What Flagger is told at each of its hooks while a rollout goes on, stands, or goes back.
#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <regex>
#include <thread>

#include "api/rollouts/rollout_reactor.hpp"
#include "tests/api/route_desk.hpp"

namespace flagger_routes_test {

using namespace decklog::api;
using namespace decklog::api::testing;
namespace json = boost::json;

constexpr std::array kHooks{
    "confirm-rollout",   "pre-rollout",  "rollout",  "confirm-traffic-increase",
    "confirm-promotion", "post-rollout", "rollback", "event"};

constexpr const char* kPolicy =
    "minimum_exposure = 20\ncanary_weights = [5, 25]\nfull_watch_seconds = 60\n"
    "[[streams]]\naction = \"ai_reply_error\"\nattempts = [\"ai_reply_created\"]\n";

class FlaggerRoutes : public ::testing::Test {
  protected:
    FlaggerRoutes() { create("r1", kPolicy); }

    void create(const std::string& id, const std::string& policy) {
        post("/api/rollouts",
             {{"id", id},
              {"service", "lease-api"},
              {"release", "v2"},
              {"baselineRelease", "v1"},
              {"policy", policy}},
             201);
    }
    void post(const std::string& target, const json::object& body, int status = 200) {
        const Answer answer = desk_.post(target, json::serialize(body));
        EXPECT_EQ(answer.status, status) << target << answer.body;
    }
    void stage(const char* stage, std::optional<double> weight = {}) {
        json::object body{{"stage", stage}};
        if (weight) body["weight"] = *weight;
        post("/api/rollouts/r1/stage", body);
    }
    void gate(const char* name, const char* status, const std::string& rollout = "r1") {
        post("/api/rollouts/" + rollout + "/gates", {{"name", name}, {"status", status}}, 201);
    }
    void check(const char* cohort, int units, int errors, int shadow_units, int shadow_errors) {
        desk_.clock().pass(1'000'000);
        json::array actions;
        const auto add = [&](const char* side, int count, int failed) {
            for (int i = 0; i < count; ++i) {
                actions.push_back({{"actorType", "worker"},
                                   {"actorId", "w1"},
                                   {"entityType", "message"},
                                   {"entityId", "m" + std::to_string(next_)},
                                   {"action", i < failed ? "ai_reply_error" : "ai_reply_created"},
                                   {"details", json::object{}},
                                   {"cohort", side},
                                   {"unit", "u" + std::to_string(next_++)}});
            }
        };
        add(cohort, units, errors);
        add("shadow", shadow_units, shadow_errors);
        EXPECT_EQ(desk_.post("/api/audit", json::serialize(actions)).status, 200);
        const Answer answer =
            desk_.ask({.method = Method::post, .target = "/api/rollouts/r1/check"});
        EXPECT_EQ(answer.status, 200) << answer.body;
        verdict_ = std::string(object_of(answer).at("verdict").as_string());
    }
    void promote_shadow() {
        for (int i = 0; i < 2; ++i) check("shadow", 30, 0, 0, 0);
        EXPECT_EQ(verdict_, "promote");
    }
    void promote_canary() {
        for (int i = 0; i < 12 && verdict_ != "promote"; ++i) check("canary", 400, 0, 900, 40);
        EXPECT_EQ(verdict_, "promote");
    }
    void begin_canary() {
        promote_shadow();
        stage("canary", 5);
        verdict_ = "none";
    }

    Answer ask(const std::string& hook, std::optional<double> weight = {},
               const std::string& rollout = "r1") {
        json::object body{{"name", "lease-api"},
                          {"namespace", "prod"},
                          {"phase", "Progressing"},
                          {"checksum", "85d557f47b"},
                          {"metadata", json::object{{"any", "thing"}}}};
        if (weight) body["canaryWeight"] = *weight;
        return desk_.ask({.method = Method::post,
                          .target = "/api/rollouts/" + rollout + "/flagger/" + hook,
                          .body = json::serialize(body),
                          .role = Role::viewer});
    }
    /// One letter a hook, in the order of kHooks: y for 200, n for 409.
    std::string answers(const std::string& rollout = "r1") {
        std::string said;
        for (const char* hook : kHooks) {
            const Answer answer = ask(hook, {}, rollout);
            EXPECT_TRUE(answer.status == 200 || answer.status == 409) << hook << answer.body;
            said += answer.status == 200 ? 'y' : 'n';
        }
        return said;
    }
    std::string why_not(const std::string& hook, std::optional<double> weight = {},
                        const std::string& rollout = "r1") {
        const Answer answer = ask(hook, weight, rollout);
        EXPECT_EQ(answer.status, 409) << hook << answer.body;
        const json::object body = object_of(answer);
        return std::string(body.at("error").as_string()) + ": " +
               std::string(body.at("message").as_string());
    }
    void wait_for_rollback() {
        for (int i = 0; i < 1'000 && ask("rollback").status != 200; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }

    RouteDesk desk_;
    RolloutReactor reactor_{desk_.core()};
    std::string verdict_ = "none";
    int next_ = 0;
};

TEST_F(FlaggerRoutes, AShadowLetsTheAnalysisBeginAndNoFurther) {
    EXPECT_EQ(answers(), "yyynnyny");
    EXPECT_EQ(why_not("confirm-traffic-increase"),
              "not_promoted: this stage has not been judged at its weight yet");
    check("shadow", 5, 0, 0, 0);
    EXPECT_TRUE(
        why_not("confirm-traffic-increase").starts_with("not_promoted: the verdict is continue: "));
    promote_shadow();
    EXPECT_EQ(answers(), "yyyynyny") << "the first step may be taken; exposure promotes no canary";
    EXPECT_EQ(ask("confirm-traffic-increase", 0).status, 200);
    EXPECT_EQ(
        why_not("confirm-traffic-increase", 5),
        "not_promoted: the canary has traffic and the rollout is in shadow: begin its canary");
}

TEST_F(FlaggerRoutes, ACanaryGetsTheWeightOfItsStageAndMoreWithAPromote) {
    begin_canary();
    EXPECT_EQ(answers(), "yyynnyny");
    EXPECT_EQ(ask("confirm-traffic-increase", 0).status, 200) << "up to the weight of the stage";
    EXPECT_EQ(ask("confirm-traffic-increase", 5).status, 409);
    EXPECT_EQ(ask("confirm-traffic-increase", 50).status, 409);
    promote_canary();
    EXPECT_EQ(answers(), "yyyyyyny");
    EXPECT_EQ(ask("confirm-traffic-increase", 50).status, 200);
    stage("canary", 25);
    EXPECT_EQ(ask("confirm-traffic-increase", 5).status, 200);
    EXPECT_EQ(why_not("confirm-traffic-increase", 25),
              "not_promoted: this stage has not been judged at its weight yet");
    EXPECT_EQ(ask("confirm-promotion").status, 409) << "it has to stand again at this weight";
}

TEST_F(FlaggerRoutes, FullIsBeyondWhatACanaryIsAskedAndACompletedRolloutTakesNoNewOne) {
    begin_canary();
    promote_canary();
    stage("full");
    EXPECT_EQ(answers(), "yyyyyyny");
    for (int i = 0; i < 3; ++i) {
        desk_.clock().pass(60'000'000);
        check("full", 50, 0, 0, 0);
    }
    EXPECT_EQ(verdict_, "promote");
    EXPECT_EQ(answers(), "nnyyyyny");
    EXPECT_EQ(why_not("confirm-rollout"),
              "rollout_finished: this rollout is completed; begin a new one");
}

TEST_F(FlaggerRoutes, ARegressionStopsAndRollsBack) {
    begin_canary();
    check("canary", 300, 60, 600, 6);
    ASSERT_EQ(verdict_, "rollback");
    EXPECT_EQ(answers(), "nnnnnyyy");
    EXPECT_TRUE(why_not("rollout").starts_with("rollback: the verdict is rollback: "))
        << why_not("rollout");
    EXPECT_NE(why_not("rollout").find("(ai_reply_error)"), std::string::npos) << why_not("rollout");
    EXPECT_EQ(ask("confirm-traffic-increase", 0).status, 409);
    stage("rolled_back");
    EXPECT_EQ(answers(), "nnnnnyyy");
}

TEST_F(FlaggerRoutes, AnAbortedRolloutStopsAndDoesNotRollBackByItself) {
    stage("aborted");
    EXPECT_EQ(answers(), "nnnnnyny");
    EXPECT_EQ(why_not("rollback"),
              "not_rolled_back: nothing says that this release has to go back");
}

TEST_F(FlaggerRoutes, ARedGateRollsBack) {
    gate("ci", "failed");
    wait_for_rollback();
    EXPECT_EQ(answers(), "nnnnnyyy");
    EXPECT_NE(why_not("rollout").find("(ci)"), std::string::npos) << why_not("rollout");
}

TEST_F(FlaggerRoutes, AGateThatTurnsRedBehindAPromoteRollsBack) {
    begin_canary();
    promote_canary();
    gate("ci", "failed");
    EXPECT_EQ(why_not("confirm-promotion"), "gate_failed: the gate ci is red")
        << "before the verdict and behind it";
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (answers() != "nnnnnyyy" && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(answers(), "nnnnnyyy");
    post("/api/rollouts/r1/override",
         {{"reason", "a drill"}, {"expiresAt", "2025-11-25T18:00:00Z"}}, 201);
    EXPECT_EQ(why_not("confirm-promotion"), "gate_failed: the gate ci is red")
        << "an override lets nothing through that is red";
    gate("ci", "passed");
    EXPECT_NE(answers(), "yyyyyyny") << "a rollback stays";
}

TEST_F(FlaggerRoutes, AnOverrideLetsTheNextStepThrough) {
    begin_canary();
    post("/api/rollouts/r1/override",
         {{"reason", "a drill"}, {"expiresAt", "2025-11-25T18:00:00Z"}}, 201);
    EXPECT_EQ(answers(), "yyyyyyny");
    desk_.clock().pass(std::int64_t{3'600'000'000} * 2);
    EXPECT_EQ(ask("confirm-promotion").status, 409) << "it has ended";
}

TEST_F(FlaggerRoutes, WaitsForRequiredGatesBeforeAnyTraffic) {
    create("r2", std::string("required_gates = [\"api-tests\", \"web-smoke\"]\n") + kPolicy);
    EXPECT_EQ(answers("r2"), "ynynnyny");
    EXPECT_EQ(why_not("pre-rollout", {}, "r2"),
              "awaiting_gates: required gates have not passed: api-tests, web-smoke");
    gate("api-tests", "passed", "r2");
    EXPECT_EQ(why_not("pre-rollout", {}, "r2"),
              "awaiting_gates: required gates have not passed: web-smoke");
    gate("web-smoke", "passed", "r2");
    EXPECT_EQ(answers("r2"), "yyynnyny");
    post("/api/rollouts/r2/override",
         {{"reason", "a drill"}, {"expiresAt", "2025-11-25T18:00:00Z"}}, 201);
    desk_.clock().pass(1'000'000);
    post("/api/rollouts/r2/stage", {{"stage", "canary"}, {"weight", 5}});
    EXPECT_EQ(ask("pre-rollout", {}, "r2").status, 200) << "passed, though in the stage before";
}

TEST_F(FlaggerRoutes, ChangesNothing) {
    begin_canary();
    const auto head = desk_.core().ledger->head(0).next_ordinal;
    static_cast<void>(answers());
    EXPECT_EQ(desk_.core().ledger->head(0).next_ordinal, head);
}

TEST_F(FlaggerRoutes, KnowsItsHooksAndItsRollouts) {
    for (const char* hook : kHooks) {
        const Answer answer = ask(hook, {}, "nobody");
        EXPECT_EQ(answer.status, 404) << hook;
        EXPECT_EQ(object_of(answer).at("field"), "id");
    }
    const Answer unknown = ask("confirm");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(object_of(unknown).at("field"), "hook");
}

TEST_F(FlaggerRoutes, TheExampleInTheDocsAsksEachHookAtItsOwnAddress) {
    std::ifstream page(std::string(DECKLOG_SOURCE_DIR) + "/docs/gate.md");
    const std::regex webhook(
        R"re(- \{name: [a-z ]+, type: ([a-z-]+), url: ".*/flagger/([a-z-]+)"\})re");
    std::size_t found = 0;
    for (std::string line; std::getline(page, line);) {
        std::smatch parts;
        if (!std::regex_search(line, parts, webhook)) continue;
        ++found;
        EXPECT_EQ(parts[1], parts[2]);
        EXPECT_NE(ask(parts[2]).status, 404) << line;
    }
    EXPECT_EQ(found, kHooks.size() - 2) << "all but the two that are always a yes";
}

TEST_F(FlaggerRoutes, TakesWhatTheNextFlaggerSaysBesidesAndRefusesWhatNoFlaggerSays) {
    const auto told = [this](const std::string& body) {
        return desk_.ask({.method = Method::post,
                          .target = "/api/rollouts/r1/flagger/rollout",
                          .body = body,
                          .role = Role::viewer});
    };
    EXPECT_EQ(told(R"({"name":"a","namespace":"b","phase":"","type":"rollout","buildId":"7",
        "failedChecks":0,"iterations":0,"remainingTime":1,"next":{"to":["come"]}})")
                  .status,
              200);
    for (const auto& [body, field] :
         {std::pair{R"({"namespace":"b","phase":"x"})", "name"},
          std::pair{R"({"name":"a","phase":"x"})", "namespace"},
          std::pair{R"({"name":"a","namespace":"b","phase":7})", "phase"},
          std::pair{R"({"name":"a","namespace":"b","canaryWeight":"5"})", "canaryWeight"}}) {
        const Answer answer = told(body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(object_of(answer).at("field"), field) << answer.body;
    }
    EXPECT_EQ(told("[]").status, 400);
    EXPECT_EQ(told("").status, 400);
}

}  // namespace flagger_routes_test
