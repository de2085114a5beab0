// /api/rollouts over a real ledger and engine: a release that is promoted step by step, one that is
// rolled back, and what is told to whoever asks wrongly.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <thread>

#include "api/rollouts/rollout_reactor.hpp"
#include "domain/time_text.hpp"
#include "tests/api/route_desk.hpp"

namespace rollout_routes_test {

using namespace decklog::api;
using namespace decklog::api::testing;
namespace json = boost::json;

const std::string kStream =
    "[[streams]]\naction = \"ai_reply_error\"\nattempts = [\"ai_reply_created\"]\n";
const std::string kPolicy =
    "minimum_exposure = 20\ncanary_weights = [5]\nfull_watch_seconds = 60\n" + kStream;

class RolloutRoutes : public ::testing::Test {
  protected:
    RolloutRoutes() {
        const Answer made = create("r1", kPolicy);
        EXPECT_EQ(made.status, 201) << made.body;
    }
    Answer create(const std::string& id, const std::string& policy) {
        return post("/api/rollouts", {{"id", id},
                                      {"service", "lease-api"},
                                      {"release", "v2"},
                                      {"baselineRelease", "v1"},
                                      {"policy", policy}});
    }
    Answer post(const std::string& target, const json::object& body) {
        return desk_.post(target, json::serialize(body));
    }
    json::object get(const std::string& target) { return object_of(desk_.get(target)); }
    json::object check() {
        const Answer answer =
            desk_.ask({.method = Method::post, .target = "/api/rollouts/r1/check"});
        EXPECT_EQ(answer.status, 200) << answer.body;
        return object_of(answer);
    }
    std::string verdict() { return std::string(check().at("verdict").as_string()); }
    /// `units` conversations of one side, the first `errors` of them failing; it happened so many
    /// seconds before it is told.
    void traffic(const char* cohort, int units, int errors = 0, int seconds_ago = 0) {
        desk_.clock().pass(1'000'000);  // what happens now is not of the range before
        const std::int64_t happened_us = desk_.clock().now_us() - seconds_ago * 1'000'000LL;
        json::array actions;
        for (int i = 0; i < units; ++i) {
            actions.push_back({{"actorType", "worker"},
                               {"actorId", "w1"},
                               {"entityType", "message"},
                               {"entityId", "m" + std::to_string(next_)},
                               {"action", i < errors ? "ai_reply_error" : "ai_reply_created"},
                               {"details", json::object{}},
                               {"createdAt", decklog::domain::to_rfc3339(happened_us)},
                               {"cohort", cohort},
                               {"unit", "u" + std::to_string(next_++)}});
        }
        const Answer answer = desk_.post("/api/audit", json::serialize(actions));
        EXPECT_EQ(answer.status, 200) << answer.body;
    }
    void pass_minutes(int minutes) { desk_.clock().pass(minutes * std::int64_t{60'000'000}); }
    Answer to_stage(const char* stage, std::optional<double> weight = {}) {
        json::object body{{"stage", stage}};
        if (weight) body["weight"] = *weight;
        return post("/api/rollouts/r1/stage", body);
    }
    int beat(const char* worker, const char* release, const char* runtime) {
        return post("/api/workers/" + std::string(worker) + "/heartbeat",
                    {{"release", release}, {"provider", "heuristic"}, {"runtime", runtime}})
            .status;
    }
    /// The last verdict of a rollout, once it is a rollback; or the last one after some seconds.
    json::object last_rollback(const std::string& id) {
        json::object last;
        for (int i = 0; i < 1'000; ++i) {
            const json::value shown = get("/api/rollouts/" + id).at("lastVerdict");
            if (shown.is_object()) last = shown.as_object();
            if (!last.empty() && last.at("verdict") == "rollback") return last;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        ADD_FAILURE() << id << " was not rolled back: " << json::serialize(last);
        return last;
    }
    void to_canary() {
        for (int i = 0; i < 2; ++i) {
            traffic("shadow", 30);
            static_cast<void>(check());
        }
        const Answer answer = to_stage("canary", 5);
        EXPECT_EQ(answer.status, 200) << answer.body;
    }

    RouteDesk desk_;
    RolloutReactor reactor_{desk_.core()};
    int next_ = 0;
};

TEST_F(RolloutRoutes, AHealthyReleaseIsPromotedStepByStep) {
    EXPECT_EQ(verdict(), "continue");
    to_canary();
    std::string said;
    for (int i = 0; i < 12 && said != "promote"; ++i) {
        traffic("canary", 400);
        traffic("shadow", 900, 40);
        said = verdict();
    }
    EXPECT_EQ(said, "promote");
    EXPECT_EQ(verdict(), "promote") << "it stays";
    ASSERT_EQ(to_stage("full").status, 200);
    for (int i = 0; i < 2; ++i) {
        traffic("full", 50);
        pass_minutes(2);
        said = verdict();
    }
    EXPECT_EQ(said, "promote");
    EXPECT_EQ(get("/api/rollouts/r1").at("stage"), "completed");
    EXPECT_EQ(verdict(), "promote") << "a finished rollout answers its last verdict";
    EXPECT_EQ(get("/api/rollouts/r1/cohort?unit=c-1").at("cohort"), "full");
}

TEST_F(RolloutRoutes, AWorseReleaseIsRolledBackWithItsEvidence) {
    to_canary();
    traffic("canary", 300, 60);
    traffic("shadow", 600, 6);
    const json::object said = check();
    EXPECT_EQ(said.at("verdict"), "rollback");
    EXPECT_EQ(said.at("reason"), "regression");
    const json::object& stream = said.at("streams").as_array().at(0).as_object();
    EXPECT_EQ(stream.at("canary").as_object().at("units").to_number<int>(), 300);
    EXPECT_EQ(stream.at("canary").as_object().at("errors").to_number<int>(), 60);
    EXPECT_EQ(stream.at("baseline").as_object().at("errors").to_number<int>(), 6);
    const json::array& errors = stream.at("errorPositions").as_array();
    ASSERT_EQ(errors.size(), 10U) << "the newest";
    const json::object event = get("/api/events?limit=1&from=" + std::string(errors[0].as_string()))
                                   .at("items")
                                   .as_array()
                                   .at(0)
                                   .as_object();
    EXPECT_EQ(event.at("action"), "ai_reply_error");
    EXPECT_EQ(event.at("cohort"), "canary");
    EXPECT_EQ(event.at("position"), errors[0]) << "a cursor, as events have it";
    EXPECT_FALSE(said.at("text").as_string().empty());
    EXPECT_EQ(said.at("policyHash").as_string().size(), 64U);
    const Answer forward = to_stage("full");
    EXPECT_EQ(forward.status, 409) << forward.body;
    EXPECT_EQ(object_of(forward).at("error"), "not_promoted");
    EXPECT_EQ(to_stage("rolled_back").status, 200);
    EXPECT_EQ(verdict(), "rollback");
    const json::object list = get("/api/rollouts?wait=" + std::string("0:1"));
    EXPECT_EQ(list.at("items").as_array().at(0).as_object().at("id"), "r1");
}

TEST_F(RolloutRoutes, ARedGateRollsBackWithoutACheck) {
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

TEST_F(RolloutRoutes, ARolloutThatBeginsWithoutARequiredPlatformIsAnsweredItsRollback) {
    const Answer made = create("r2", "required_platforms = [\"renthop\"]\n" + kPolicy);
    EXPECT_EQ(made.status, 201) << made.body;
    const json::object answered = object_of(made).at("standing").as_object();
    EXPECT_EQ(answered.at("verdict"), "rollback");
    EXPECT_EQ(answered.at("reason"), "missing_platforms");
    EXPECT_EQ(last_rollback("r2").at("subject"), answered.at("subject"));
}

TEST_F(RolloutRoutes, AreListedWithTheVerdictThatCounts) {
    const auto listed = [this](const Answer& behind) {
        EXPECT_EQ(behind.status, 200) << behind.body;
        const std::string at = header_of(behind, "Decklog-Position");
        return get("/api/rollouts?wait=" + at).at("items").at(0).as_object();
    };
    to_canary();
    traffic("canary", 300, 60);
    traffic("shadow", 600, 6);
    ASSERT_EQ(verdict(), "rollback");
    ASSERT_EQ(post("/api/rollouts/r1/override",
                   {{"reason", "a test"}, {"expiresAt", "2025-11-25T18:00:00Z"}})
                  .status,
              201);
    const json::object at_25 = listed(to_stage("canary", 25));
    EXPECT_EQ(at_25.at("verdict"), "continue") << "the rollback was reached at another weight";
    EXPECT_EQ(at_25.at("reason"), "not_judged");
    const json::object ended = listed(to_stage("aborted"));
    EXPECT_EQ(ended.at("verdict"), "hold");
    EXPECT_EQ(ended.at("reason"), "aborted");
}

TEST_F(RolloutRoutes, APreviousReleaseIsWalkedBackToWhereItsErrorsSuffice) {
    std::string policy = kPolicy;
    policy += "baseline = \"previous\"\nbaseline_errors = 30\n";
    ASSERT_EQ(create("r2", policy).status, 201);
    const auto of_r2 = [this](const std::string& what, const json::object& body) {
        const Answer answer = post("/api/rollouts/r2/" + what, body);
        EXPECT_LT(answer.status, 300) << answer.body;
        return object_of(answer);
    };
    traffic("full", 500, 5);  // long ago
    traffic("full", 900, 28);
    traffic("shadow", 50, 50);  // not what it is held against
    traffic("full", 100, 2);
    static_cast<void>(
        of_r2("override", {{"reason", "a test"}, {"expiresAt", "2025-11-25T18:00:00Z"}}));
    static_cast<void>(of_r2("stage", {{"stage", "canary"}, {"weight", 5}}));
    traffic("canary", 400, 60);
    const json::object said =
        object_of(desk_.ask({.method = Method::post, .target = "/api/rollouts/r2/check"}));
    const json::object& stream = said.at("streams").as_array().at(0).as_object();
    EXPECT_EQ(stream.at("baseline").as_object().at("errors").to_number<int>(), 30);
    EXPECT_EQ(stream.at("baseline").as_object().at("units").to_number<int>(), 1'000)
        << "errors come first in each round, so the walk ends with the first of the second";
    EXPECT_EQ(said.at("verdict"), "rollback");
    EXPECT_EQ(said.at("reason"), "regression");
}

TEST_F(RolloutRoutes, ATokenOfAGateReportsThatGate) {
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

TEST_F(RolloutRoutes, AWorkerOnAnotherRuntimeIsARedGate) {
    EXPECT_EQ(beat("w0", "v1", "mock"), 201) << "of another release";
    EXPECT_EQ(beat("w1", "v2", "playwright"), 201);
    EXPECT_EQ(verdict(), "continue");
    EXPECT_EQ(beat("w2", "v2", "mock"), 201);
    EXPECT_EQ(last_rollback("r1").at("subject"), "MOCK_RUNTIME_FORBIDDEN");
}

TEST_F(RolloutRoutes, AForbiddenRuntimeIsRedAgainWhoeverReportsItAfterAPass) {
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

TEST_F(RolloutRoutes, ACheckComesByItselfWhenItIsDue) {
    traffic("shadow", 30);
    pass_minutes(11);
    for (int i = 0; i < 1'000 && get("/api/rollouts/r1").at("checks").to_number<int>() == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(get("/api/rollouts/r1").at("checks").to_number<int>(), 1);
}

TEST_F(RolloutRoutes, ACheckComesByItselfAfterSoManyUnitsOfTheRange) {
    ASSERT_EQ(create("r2", "seal_units = 100\nminimum_exposure = 1000\n" + kStream).status, 201);
    for (int round = 1; round <= 2; ++round) {
        next_ = 0;  // the same units
        traffic("shadow", 150);
        const auto checks = [this] {
            return get("/api/rollouts/r2").at("checks").to_number<int>();
        };
        for (int i = 0; i < 1'000 && checks() < round; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        EXPECT_EQ(checks(), round);
    }
    const json::array sealed =
        get("/api/events?action=check_sealed&limit=10").at("items").as_array();
    ASSERT_EQ(sealed.size(), 2U);
    for (const json::value& event : sealed)
        EXPECT_EQ(event.at("payload").at("cause"), "units") << json::serialize(event);
}

TEST_F(RolloutRoutes, UnitsKeepTheirCohortWhileTheWeightGrows) {
    const auto is_canary = [this](int unit) {
        return get("/api/rollouts/r1/cohort?unit=u" + std::to_string(unit)).at("cohort") ==
               "canary";
    };
    EXPECT_FALSE(is_canary(1)) << "in shadow nobody is";
    to_canary();
    std::set<int> at_five, at_fifty;
    for (int i = 0; i < 400; ++i) {
        if (is_canary(i)) at_five.insert(i);
    }
    ASSERT_EQ(post("/api/rollouts/r1/override",
                   {{"reason", "a drill"}, {"expiresAt", "2025-11-25T18:00:00Z"}})
                  .status,
              201);
    ASSERT_EQ(to_stage("canary", 50).status, 200);
    for (int i = 0; i < 400; ++i) {
        if (is_canary(i)) at_fifty.insert(i);
    }
    EXPECT_TRUE(std::includes(at_fifty.begin(), at_fifty.end(), at_five.begin(), at_five.end()));
    EXPECT_GT(at_five.size(), 5U);
    EXPECT_LT(at_five.size(), 45U);
    EXPECT_GT(at_fifty.size(), 150U);
    EXPECT_LT(at_fifty.size(), 250U);
}

TEST_F(RolloutRoutes, JudgesItsPastAgainToTheLastDigit) {
    to_canary();
    for (int i = 0; i < 3; ++i) {
        traffic("canary", 200, 2);
        traffic("shadow", 400, 6);
        static_cast<void>(check());
    }
    traffic("canary", 300, 60);
    traffic("shadow", 600, 6);
    EXPECT_EQ(verdict(), "rollback");
    const Answer answer = post("/api/gate/replay", {{"rollout", "r1"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const json::object same = object_of(answer);
    EXPECT_TRUE(same.at("same").as_bool()) << answer.body;
    EXPECT_EQ(same.at("checks").as_array().size(), 6U);
    EXPECT_EQ(same.at("verdict"), "rollback");
    EXPECT_EQ(post("/api/gate/replay", {{"rollout", "r1"}}).body, answer.body);

    const std::string lenient =
        "[[streams]]\naction = \"showing_booking_failed\"\nattempts = [\"ai_reply_created\"]\n";
    const Answer compared = post("/api/gate/replay", {{"rollout", "r1"}, {"against", lenient}});
    ASSERT_EQ(compared.status, 200) << compared.body;
    const json::object other = object_of(compared);
    const json::object& last = other.at("checks").as_array().back().as_object();
    EXPECT_TRUE(last.at("differs").as_bool());
    EXPECT_NE(last.at("against").as_object().at("verdict"), "rollback");
}

TEST_F(RolloutRoutes, ReplaysACheckThatWaitedForItsBaselines) {
    std::string policy = kPolicy;
    policy += "baseline = \"previous\"\nbaseline_errors = 30\n";
    ASSERT_EQ(create("r2", policy).status, 201);
    traffic("full", 900, 40);
    EXPECT_EQ(post("/api/rollouts/r2/override",
                   {{"reason", "a test"}, {"expiresAt", "2025-11-25T18:00:00Z"}})
                  .status,
              201);
    EXPECT_EQ(post("/api/rollouts/r2/stage", {{"stage", "canary"}, {"weight", 5}}).status, 200);
    // At once: the seal may stand in front of the baselines that its verdict waits for.
    EXPECT_EQ(desk_.ask({.method = Method::post, .target = "/api/rollouts/r2/check"}).status, 200);
    const json::object replayed = object_of(post("/api/gate/replay", {{"rollout", "r2"}}));
    EXPECT_TRUE(replayed.at("same").as_bool()) << json::serialize(replayed);
    EXPECT_EQ(replayed.at("checks").as_array().size(), 1U);
    EXPECT_TRUE(replayed.at("checks").as_array()[0].as_object().contains("recorded"));
}

TEST_F(RolloutRoutes, AFinishedRolloutKeepsItsExplanation) {
    to_canary();
    traffic("canary", 300, 60);
    traffic("shadow", 600, 6);
    const json::object before = check();
    ASSERT_EQ(to_stage("rolled_back").status, 200);
    const json::object after = check();
    EXPECT_EQ(after.at("verdict"), "rollback");
    EXPECT_EQ(after.at("streams"), before.at("streams"));
    EXPECT_EQ(after.at("positions"), before.at("positions"));
    EXPECT_FALSE(before.at("streams").as_array()[0].as_object().contains("cleanChecksToProve"))
        << "nothing changes a rollback";
}

TEST_F(RolloutRoutes, AVerdictKeepsItsExplanationBehindItsStage) {
    for (int i = 0; i < 2; ++i) {
        traffic("shadow", 30);
        static_cast<void>(check());
    }
    const json::value before = get("/api/rollouts/r1").at("lastVerdict");
    ASSERT_EQ(before.at("verdict"), "promote");
    ASSERT_EQ(before.at("streams").as_array().size(), 1U);
    const std::string markdown(before.at("markdown").as_string());
    EXPECT_EQ(markdown.find("# r1: promote\n\n- service lease-api, release v2 after v1\n"), 0U)
        << markdown;
    EXPECT_NE(markdown.find("**PROMOTE (exposure\\_met)**\n"), std::string::npos) << markdown;
    EXPECT_NE(markdown.find("| ai\\_reply\\_error | required |"), std::string::npos) << markdown;
    ASSERT_EQ(to_stage("canary", 5).status, 200);
    EXPECT_EQ(get("/api/rollouts/r1").at("lastVerdict"), before);
}

TEST_F(RolloutRoutes, APromoteCountsAtItsStageAndWeightAlone) {
    const auto standing = [this] { return get("/api/rollouts/r1").at("standing").as_object(); };
    EXPECT_EQ(standing().at("verdict"), "continue");
    EXPECT_EQ(standing().at("reason"), "not_judged");
    EXPECT_EQ(standing().at("stage"), "shadow");
    to_canary();
    EXPECT_EQ(standing().at("verdict"), "continue") << "the promote was the shadow's";
    EXPECT_EQ(standing().at("reason"), "not_judged");
    EXPECT_EQ(standing().at("text"),
              "continue: nothing was judged yet in canary at 5 % (not_judged)\n");
    traffic("canary", 20);
    traffic("shadow", 400, 20);
    const json::object said = check();
    EXPECT_EQ(standing().at("reason"), said.at("reason"));
    EXPECT_NE(said.at("reason"), "not_judged");
    ASSERT_EQ(post("/api/rollouts/r1/override",
                   {{"reason", "a test"}, {"expiresAt", "2025-11-25T18:00:00Z"}})
                  .status,
              201);
    ASSERT_EQ(to_stage("canary", 25).status, 200);
    EXPECT_EQ(standing().at("reason"), "not_judged") << "at this weight";
    EXPECT_EQ(get("/api/rollouts/r1").at("lastVerdict").at("reason"), said.at("reason"));
    ASSERT_EQ(to_stage("aborted").status, 200);
    EXPECT_EQ(standing().at("verdict"), "hold") << "people ended it";
    EXPECT_EQ(verdict(), "hold");
}

TEST_F(RolloutRoutes, ARolloutThatWasNeverJudgedHasNoLastVerdict) {
    EXPECT_TRUE(get("/api/rollouts/r1").at("lastVerdict").is_null());
    ASSERT_EQ(to_stage("rolled_back").status, 200);
    EXPECT_TRUE(get("/api/rollouts/r1").at("lastVerdict").is_null());
    EXPECT_EQ(verdict(), "rollback");
    EXPECT_EQ(check().at("reason"), "rolled_back");
}

TEST_F(RolloutRoutes, NobodyActsOnThePromoteOfARolloutThatWasCalledOff) {
    to_canary();
    std::string said;
    for (int i = 0; i < 12 && said != "promote"; ++i) {
        traffic("canary", 400);
        traffic("shadow", 900, 40);
        said = verdict();
    }
    ASSERT_EQ(said, "promote");
    ASSERT_EQ(to_stage("aborted").status, 200);
    EXPECT_EQ(verdict(), "hold");
    EXPECT_EQ(check().at("reason"), "aborted");
}

TEST_F(RolloutRoutes, ShadowAgainstShadowIsNotRolledBack) {
    for (int i = 0; i < 20; ++i) {
        traffic("shadow", 400, 8);
        pass_minutes(11);
    }
    const Answer answer = post("/api/gate/replay", {{"policy", kPolicy}, {"aaWeight", 20}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const json::object said = object_of(answer);
    const json::object& totals = said.at("totals").as_object();
    EXPECT_GT(totals.at("watches").to_number<int>(), 0);
    EXPECT_EQ(totals.at("rollbacks").to_number<int>(), 0);
    const json::array& checks = said.at("checks").as_array();
    ASSERT_GT(checks.size(), 15U);
    EXPECT_NE(checks[0].as_object().at("reason"), "no_data");
}

TEST_F(RolloutRoutes, ShowsTheLastResultOfEachGateWithItsEvidence) {
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

TEST_F(RolloutRoutes, ARepeatUnderItsKeyIsAnsweredAsTheFirstWas) {
    const auto send = [this](const char* target, const char* key, const std::string& body) {
        return desk_.ask({.method = Method::post,
                          .target = target,
                          .body = body,
                          .headers = {{"idempotency-key", key}}});
    };
    const std::string r2 =
        R"({"id":"r2","service":"lease-api","release":"v2","baselineRelease":"v1"})";
    const std::string canary = R"({"stage":"canary","weight":5})";
    const std::string gate = R"({"name":"ci","status":"passed"})";
    const std::string lets = R"({"reason":"a test","expiresAt":"2025-11-25T18:00:00Z"})";
    const std::string none;
    struct Row {
        const char *target, *key;
        const std::string& body;
        Answer first{};
    };
    Row rows[] = {{"/api/rollouts", "a", r2},
                  {"/api/rollouts/r2/check", "b", none},
                  {"/api/rollouts/r2/gates", "c", gate},
                  {"/api/rollouts/r2/override", "d", lets},
                  {"/api/rollouts/r2/stage", "e", canary},
                  {"/api/rollouts/r2/check", "f", none}};
    for (Row& row : rows) {
        row.first = send(row.target, row.key, row.body);
        ASSERT_LT(row.first.status, 300) << row.first.body;
        EXPECT_EQ(header_of(row.first, "Idempotent-Replayed"), "");
        const json::object said = object_of(row.first);
        EXPECT_EQ(said.at("position").as_string(), header_of(row.first, "Decklog-Position"));
    }
    ASSERT_EQ(post("/api/rollouts/r2/stage", {{"stage", "aborted"}}).status, 200);
    for (const Row& row : rows) {
        const Answer again = send(row.target, row.key, row.body);
        EXPECT_EQ(again.status, row.first.status) << row.target;
        EXPECT_EQ(again.body, row.first.body) << row.target;
        EXPECT_EQ(header_of(again, "Decklog-Position"), header_of(row.first, "Decklog-Position"));
        EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true") << row.target;
    }
    const json::object asked = get("/api/rollouts/r2");
    EXPECT_EQ(asked.at("checks").to_number<int>(), 2);
    EXPECT_FALSE(asked.contains("position")) << "of a write alone";
}

TEST_F(RolloutRoutes, ARangeIsPromotedWhateverGatesAndDrillsItsPolicyRequires) {
    for (int i = 0; i < 10; ++i) {
        traffic("canary", 400);
        traffic("shadow", 900, 40);
        pass_minutes(11);
    }
    const std::string strict = "required_gates = [\"ci\"]\nrequired_drills = [\"rollback\"]\n";
    const json::object said = object_of(post("/api/gate/replay", {{"policy", strict + kPolicy}}));
    EXPECT_GT(said.at("totals").at("promotions").to_number<int>(), 0) << json::serialize(said);
}

TEST_F(RolloutRoutes, APauseInTheTrafficOfARangeIsNoGap) {
    traffic("shadow", 1);  // the range begins
    for (int i = 0; i < 4; ++i) {
        desk_.clock().pass(5'000'000);
        traffic("canary", 300, 0, 2);
        traffic("shadow", 600, 30, 2);
        pass_minutes(180);
    }
    const json::object said = object_of(post("/api/gate/replay", {{"policy", kPolicy}}));
    const json::array& checks = said.at("checks").as_array();
    EXPECT_GT(checks.size(), 3U * 18U) << "sealed in the pauses too, as a timer would";
    for (const json::value& check : checks)
        EXPECT_NE(check.at("reason"), "gap") << json::serialize(check);
    EXPECT_GT(said.at("totals").at("promotions").to_number<int>(), 0) << json::serialize(said);
}

TEST_F(RolloutRoutes, NamesWhatIsWrong) {
    struct Row {
        const char* target;
        const char* body;
        int status;
        const char* error;
        const char* field;
    };
    for (
        const Row& row :
        {Row{"/api/rollouts", R"({"id":"a b"})", 400, "invalid_name", "id"},
         Row{"/api/rollouts", R"({"id":"r2","service":"s","release":"v2","baselineRelease":"v2"})",
             400, "same_release", "baselineRelease"},
         Row{"/api/rollouts",
             R"({"id":"r2","service":"s","release":"v2","baselineRelease":"v1","policy":"alpha = 2"})",
             400, "invalid_policy", "alpha"},
         Row{"/api/rollouts",
             R"({"id":"r2","service":"s","release":"v2","baselineRelease":"v1","policy":"canary_weights = [5, 5]"})",
             400, "invalid_policy", "canary_weights[1]"},
         Row{"/api/rollouts",
             R"({"id":"r2","service":"s","release":"v2","baselineRelease":"v1","policy":"[[streams]]\naction = \"a\"\nattempts = [\"b\"]\nrole = \"muted\""})",
             400, "invalid_policy", "streams[0].role"},
         Row{"/api/rollouts", R"({"id":"r1","service":"s","release":"v2","baselineRelease":"v1"})",
             409, "already_created", "id"},
         Row{"/api/rollouts/none/stage", R"({"stage":"full"})", 404, "not_found", "id"},
         Row{"/api/rollouts/r1/stage", R"({"stage":"half"})", 400, "invalid_stage", "stage"},
         Row{"/api/rollouts/r1/stage", R"({"stage":"canary","weight":0})", 400, "invalid_weight",
             "weight"},
         Row{"/api/rollouts/r1/stage", R"({"stage":"canary","weight":20.0001})", 400,
             "invalid_weight", "weight"},
         Row{"/api/rollouts/r1/gates", R"({"name":"ci","status":"green"})", 400, "invalid_status",
             "status"},
         Row{"/api/rollouts/r1/override", R"({"reason":"","expiresAt":"2025-11-25T18:00:00Z"})",
             400, "invalid_reason", "reason"},
         Row{"/api/rollouts/r1/check", R"({"force":true})", 400, "unknown_field", "force"},
         Row{"/api/gate/replay", R"({"from":"0:1"})", 400, "missing_field", "policy"},
         Row{"/api/gate/replay", R"({"policy":"default","from":"x"})", 400, "invalid_position",
             "from"},
         Row{"/api/gate/replay", R"({"policy":"default","from":"7:1"})", 400, "invalid_position",
             "from"},
         Row{"/api/gate/replay", R"({"policy":"default","from":"0:99999999"})", 400,
             "beyond_the_log", "from"},
         Row{"/api/gate/replay", R"({"policy":"default","to":"0:99999999"})", 400, "beyond_the_log",
             "to"},
         Row{"/api/gate/replay", R"({"policy":"default","aaWeight":100})", 400, "invalid_weight",
             "aaWeight"},
         Row{"/api/gate/replay", R"({"policy":"alpha = 2"})", 400, "invalid_policy",
             "policy.alpha"}}) {
        const Answer answer = desk_.post(row.target, row.body);
        EXPECT_EQ(answer.status, row.status) << row.body << answer.body;
        EXPECT_EQ(object_of(answer).at("error"), row.error) << row.body << answer.body;
        EXPECT_EQ(object_of(answer).at("field"), row.field) << row.body << answer.body;
    }
}

}  // namespace rollout_routes_test
