// /api/rollouts over a real ledger and engine: a release that is promoted step by step, one that is
// rolled back, and what is told to whoever asks wrongly.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/api/support/rollout_desk.hpp"

namespace rollout_routes_test {

using namespace decklog::api;
using namespace decklog::api::testing;
namespace json = boost::json;

class RolloutRoutes : public RolloutInShadow {};

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
