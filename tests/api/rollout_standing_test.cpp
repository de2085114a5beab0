// What of a rollout's verdicts counts now, over HTTP: at which stage and weight, and for how long
// its explanation is told.
#include <gtest/gtest.h>

#include "tests/api/support/rollout_desk.hpp"

namespace rollout_standing_test {

using namespace decklog::api;
using namespace decklog::api::testing;
namespace json = boost::json;

class RolloutStanding : public RolloutInShadow {};

TEST_F(RolloutStanding, AreListedWithTheVerdictThatCounts) {
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

TEST_F(RolloutStanding, AFinishedRolloutKeepsItsExplanation) {
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

TEST_F(RolloutStanding, AVerdictKeepsItsExplanationBehindItsStage) {
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

TEST_F(RolloutStanding, APromoteCountsAtItsStageAndWeightAlone) {
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

TEST_F(RolloutStanding, ARolloutThatWasNeverJudgedHasNoLastVerdict) {
    EXPECT_TRUE(get("/api/rollouts/r1").at("lastVerdict").is_null());
    ASSERT_EQ(to_stage("rolled_back").status, 200);
    EXPECT_TRUE(get("/api/rollouts/r1").at("lastVerdict").is_null());
    EXPECT_EQ(verdict(), "rollback");
    EXPECT_EQ(check().at("reason"), "rolled_back");
}

TEST_F(RolloutStanding, NobodyActsOnThePromoteOfARolloutThatWasCalledOff) {
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

}  // namespace rollout_standing_test
