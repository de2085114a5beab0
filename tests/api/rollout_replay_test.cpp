// /api/gate/replay over a real ledger: a rollout judged again, a range under a policy, shadow
// against shadow.
#include <gtest/gtest.h>

#include "tests/api/support/rollout_desk.hpp"

namespace rollout_replay_test {

using namespace decklog::api;
using namespace decklog::api::testing;
namespace json = boost::json;

class RolloutReplay : public RolloutInShadow {};

TEST_F(RolloutReplay, JudgesItsPastAgainToTheLastDigit) {
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

TEST_F(RolloutReplay, ReplaysACheckThatWaitedForItsBaselines) {
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

TEST_F(RolloutReplay, ShadowAgainstShadowIsNotRolledBack) {
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

TEST_F(RolloutReplay, ARangeIsPromotedWhateverGatesAndDrillsItsPolicyRequires) {
    for (int i = 0; i < 10; ++i) {
        traffic("canary", 400);
        traffic("shadow", 900, 40);
        pass_minutes(11);
    }
    const std::string strict = "required_gates = [\"ci\"]\nrequired_drills = [\"rollback\"]\n";
    const json::object said = object_of(post("/api/gate/replay", {{"policy", strict + kPolicy}}));
    EXPECT_GT(said.at("totals").at("promotions").to_number<int>(), 0) << json::serialize(said);
}

TEST_F(RolloutReplay, APauseInTheTrafficOfARangeIsNoGap) {
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

}  // namespace rollout_replay_test
