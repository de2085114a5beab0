// Hard gates of a rollout over HTTP: who reports them, and what a red one does between checks.
#include <gtest/gtest.h>

#include "tests/api/support/rollout_desk.hpp"

namespace rollout_gates_test {

using namespace decklog::api;
using namespace decklog::api::testing;
namespace json = boost::json;

class RolloutGates : public RolloutInShadow {};

TEST_F(RolloutGates, ARedGateRollsBackWithoutACheck) {
    const Answer gate = post("/api/rollouts/r1/gates", {{"name", "ci"}, {"status", "failed"}});
    EXPECT_EQ(gate.status, 201) << gate.body;
    const json::object answered = object_of(gate).at("standing").as_object();
    EXPECT_EQ(answered.at("verdict"), "rollback") << "whoever reports it is told";
    EXPECT_EQ(answered.at("reason"), "gate_failed");
    EXPECT_EQ(answered.at("subject"), "ci");
    const json::object last = last_rollback("r1");
    EXPECT_EQ(last.at("reason"), "gate_failed");
    EXPECT_EQ(last.at("subject"), "ci");
    EXPECT_EQ(last.at("cause").as_string(), header_of(gate, "Decklog-Position"));
    EXPECT_EQ(verdict(), "rollback");
}

TEST_F(RolloutGates, ARolloutThatBeginsWithoutARequiredPlatformIsAnsweredItsRollback) {
    const Answer made = create("r2", "required_platforms = [\"renthop\"]\n" + kPolicy);
    EXPECT_EQ(made.status, 201) << made.body;
    const json::object answered = object_of(made).at("standing").as_object();
    EXPECT_EQ(answered.at("verdict"), "rollback");
    EXPECT_EQ(answered.at("reason"), "missing_platforms");
    EXPECT_EQ(last_rollback("r2").at("subject"), answered.at("subject"));
}

TEST_F(RolloutGates, ATokenOfAGateReportsThatGate) {
    const auto report = [this](const std::string& body) {
        return desk_.ask({.method = Method::post,
                          .target = "/api/rollouts/r1/gates",
                          .body = body,
                          .role = Role::gate,
                          .gate = "ci"});
    };
    EXPECT_EQ(report(R"({"name":"ci","status":"passed"})").status, 201);
    EXPECT_EQ(report(R"({"name":"ci","status":"green"})").status, 400);
    EXPECT_EQ(report(R"({"status":"passed"})").status, 400);
    for (const char* body :
         {R"({"name":"CI","status":"passed"})", R"({"name":"ci2","status":"failed"})",
          R"({"name":"MOCK_RUNTIME_FORBIDDEN","status":"passed"})"}) {
        const Answer refused = report(body);
        EXPECT_EQ(refused.status, 403) << refused.body;
        EXPECT_EQ(object_of(refused).at("error"), "forbidden");
        EXPECT_EQ(object_of(refused).at("field"), "name");
        EXPECT_NE(refused.body.find("reports the gate ci of a rollout"), std::string::npos);
    }
    EXPECT_EQ(get("/api/rollouts/r1").at("gates").as_array().size(), 1U);
}

TEST_F(RolloutGates, AWorkerOnAnotherRuntimeIsARedGate) {
    EXPECT_EQ(beat("w0", "v1", "mock"), 201) << "of another release";
    EXPECT_EQ(beat("w1", "v2", "playwright"), 201);
    EXPECT_EQ(verdict(), "continue");
    EXPECT_EQ(beat("w2", "v2", "mock"), 201);
    EXPECT_EQ(last_rollback("r1").at("subject"), "MOCK_RUNTIME_FORBIDDEN");
}

TEST_F(RolloutGates, AForbiddenRuntimeIsRedAgainWhoeverReportsItAfterAPass) {
    EXPECT_EQ(beat("w1", "v2", "mock"), 201);
    static_cast<void>(last_rollback("r1"));
    const auto cleared = [this](const char* stage, double weight) {
        EXPECT_EQ(post("/api/rollouts/r1/gates",
                       {{"name", "MOCK_RUNTIME_FORBIDDEN"}, {"status", "passed"}})
                      .status,
                  201);
        EXPECT_EQ(post("/api/rollouts/r1/override",
                       {{"reason", "a test"}, {"expiresAt", "2025-11-25T18:00:00Z"}})
                      .status,
                  201);
        EXPECT_EQ(to_stage(stage, weight).status, 200);
        EXPECT_EQ(verdict(), "continue") << "what was reported before the pass is cleared";
    };
    cleared("canary", 5);
    EXPECT_EQ(beat("w2", "v2", "mock"), 201) << "another worker";
    EXPECT_EQ(last_rollback("r1").at("subject"), "MOCK_RUNTIME_FORBIDDEN");
    cleared("canary", 10);
    EXPECT_EQ(beat("w2", "v2", "playwright"), 201);
    EXPECT_EQ(beat("w2", "v2", "mock"), 201) << "the same one";
    EXPECT_EQ(last_rollback("r1").at("subject"), "MOCK_RUNTIME_FORBIDDEN");
}

TEST_F(RolloutGates, ShowsTheLastResultOfEachGateWithItsEvidence) {
    for (const char* evidence : {"run-1", "run-2", "run-3"}) {
        ASSERT_EQ(post("/api/rollouts/r1/gates",
                       {{"name", "ci"}, {"status", "passed"}, {"evidence", evidence}})
                      .status,
                  201);
    }
    const json::object shown = get("/api/rollouts/r1");
    ASSERT_EQ(shown.at("gates").as_array().size(), 1U);
    EXPECT_EQ(shown.at("gates").as_array()[0].at("evidence"), "run-3");
}

}  // namespace rollout_gates_test
