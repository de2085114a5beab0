// Required platforms of a rollout, over a real ledger and engine: missing is what the admin's
// question says, between checks, at a change of stage, and when the past is judged again.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

#include "api/rollouts/rollout_state.hpp"
#include "store/frame/frame.hpp"
#include "tests/api/support/rollout_desk.hpp"

namespace required_platforms_test {

using namespace decklog::api;
using namespace decklog::api::testing;
using decklog::domain::EventType;
namespace json = boost::json;

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kDayUs = 24 * 60 * kMinuteUs;

std::string policy(const std::string& platforms) {
    return "seal_every_seconds = 86400\nminimum_exposure = 20\nrequired_platforms = [" + platforms +
           "]\n[[streams]]\naction = \"ai_reply_error\"\nattempts = [\"ai_reply_created\"]\n";
}

class RequiredPlatforms : public RolloutDesk {
  protected:
    RequiredPlatforms() {
        roomies_ = account("roomies");
        heard_of("roomies");
        begin("r1", R"("roomies")");
    }
    void begin(const std::string& id, const std::string& platforms) {
        const Answer made = create(id, policy(platforms));
        EXPECT_EQ(made.status, 201) << made.body;
    }
    /// An active account; its id.
    std::string account(const std::string& platform) {
        const Answer made =
            post("/api/admin/platform-accounts", {{"platform", platform},
                                                  {"accountName", "Night desk"},
                                                  {"accountExternalId", platform + "-1"}});
        EXPECT_EQ(made.status, 201) << made.body;
        return text_at(object_of(made), "item", "id");
    }
    void set_active(const std::string& id, bool is_active) {
        const Answer put =
            desk_.ask({.method = Method::put,
                       .target = "/api/admin/platform-policies/" + id,
                       .body = json::serialize(json::object{{"isActive", is_active}})});
        EXPECT_EQ(put.status, 200) << put.body;
    }
    /// A record, as services send them: any event of a platform is a sign of its life.
    void heard_of(const std::string& platform) {
        const json::object event{
            {"specversion", "1.0"},
            {"id", "e" + std::to_string(next_++)},
            {"source", "crm"},
            {"type", "message.recorded"},
            {"data",
             json::object{{"messageId", "m-1"},
                          {"conversationId", "c-1"},
                          {"platform", platform},
                          {"direction", "inbound"},
                          {"reviewStatus", "new"},
                          {"sentAt", decklog::domain::to_rfc3339(desk_.clock().now_us())}}}};
        const Answer answer =
            desk_.post("/api/events", json::serialize(event), "application/cloudevents+json");
        EXPECT_LT(answer.status, 300) << answer.body;
    }
    Answer to_canary_anyway(const std::string& id, double weight) {
        EXPECT_EQ(post("/api/rollouts/" + id + "/override",
                       {{"reason", "a test"}, {"expiresAt", "2025-11-28T18:00:00Z"}})
                      .status,
                  201);
        return post("/api/rollouts/" + id + "/stage", {{"stage", "canary"}, {"weight", weight}});
    }
    /// Once it is a rollback; or the last one after some seconds.
    decklog::domain::Rollout::Verdict settled_verdict(const std::string& id) {
        for (int i = 0; i < 1'000; ++i) {
            const auto state = load_rollout(*desk_.core().ledger, id);
            if (state && state->verdict && state->watch.settled) return *state->verdict;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        ADD_FAILURE() << id << " was not rolled back";
        return {};
    }
    void expect_missing(const std::string& id, const std::string& subject) {
        const auto last = settled_verdict(id);
        EXPECT_EQ(last.judgement.verdict, decklog::domain::gate::Verdict::rollback);
        EXPECT_EQ(last.judgement.reason, decklog::domain::gate::Reason::missing_platforms);
        EXPECT_EQ(last.judgement.subject, subject);
    }
    EventType type_at(std::uint64_t ordinal) {
        const auto frame = desk_.core().ledger->frame_at({0, ordinal});
        EXPECT_TRUE(frame);
        return static_cast<EventType>((*frame)->event(ordinal - (*frame)->first().ordinal).type());
    }
    json::object replayed(const json::object& wish) {
        const Answer answer = post("/api/gate/replay", wish);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return object_of(answer);
    }
    void expect_same(const std::string& id, std::size_t checks) {
        const json::object replay = replayed({{"rollout", id}});
        EXPECT_TRUE(replay.at("same").as_bool()) << json::serialize(replay);
        EXPECT_EQ(replay.at("checks").as_array().size(), checks) << json::serialize(replay);
    }

    std::string roomies_;
};

TEST_F(RequiredPlatforms, CountActivityFromBeforeTheRolloutAndOfAnyKind) {
    EXPECT_EQ(check("r1").at("verdict"), "continue");
    expect_same("r1", 1);
    EXPECT_EQ(post("/api/rollouts/r1/stage", {{"stage", "aborted"}}).status, 200);
    expect_same("r1", 1);
}

TEST_F(RequiredPlatforms, RollBackBetweenChecksWhenTheirLastAccountIsSwitchedOff) {
    EXPECT_EQ(check("r1").at("verdict"), "continue");
    set_active(roomies_, false);
    expect_missing("r1", "roomies");
    const auto last = settled_verdict("r1");
    EXPECT_EQ(last.number, 0U) << "of no check";
    ASSERT_TRUE(last.judgement.cause);
    EXPECT_EQ(type_at(*last.judgement.cause), EventType::platform_policy_updated);
    expect_same("r1", 2);
}

TEST_F(RequiredPlatforms, RollBackBetweenChecksADayAfterTheirLastEvent) {
    desk_.clock().pass(kDayUs - kMinuteUs);
    EXPECT_EQ(check("r1").at("verdict"), "continue");
    desk_.clock().pass(2 * kMinuteUs);
    expect_missing("r1", "roomies");
    const auto last = settled_verdict("r1");
    EXPECT_EQ(last.number, 0U);
    ASSERT_TRUE(last.judgement.cause);
    EXPECT_EQ(type_at(*last.judgement.cause), EventType::message_recorded);
    expect_same("r1", 2);
}

TEST_F(RequiredPlatforms, KeepTheNextStageFromBeginningWhileTheyAreMissing) {
    set_active(roomies_, false);
    expect_missing("r1", "roomies");
    const Answer refused = to_canary_anyway("r1", 5);
    EXPECT_EQ(refused.status, 409) << refused.body;
    EXPECT_EQ(object_of(refused).at("error"), "missing_platforms");
    EXPECT_EQ(object_of(refused).at("field"), "stage");
    set_active(roomies_, true);
    EXPECT_EQ(to_canary_anyway("r1", 5).status, 200);
    EXPECT_EQ(check("r1").at("verdict"), "continue");
    set_active(roomies_, false);
    expect_missing("r1", "roomies");
    EXPECT_EQ(post("/api/rollouts/r1/stage", {{"stage", "rolled_back"}}).status, 200)
        << "the way back is open";
    expect_same("r1", 3);
}

TEST_F(RequiredPlatforms, AreMissingAsTheAdminsQuestionSays) {
    heard_of("renthop");                       // without an account
    static_cast<void>(account("leasebreak"));  // which is no activity
    begin("r2", R"("renthop")");
    begin("r3", R"("leasebreak")");
    EXPECT_EQ(check("r2").at("verdict"), "continue");
    expect_missing("r3", "leasebreak");
    EXPECT_EQ(check("r1").at("verdict"), "continue");
    const json::object admin = object_of(desk_.get("/api/admin/platform-policies"));
    EXPECT_EQ(admin.at("missingPlatforms"),
              (json::array{"spareroom", "leasebreak", "furnishedfinder"}));
    for (const char* id : {"r2", "r3"}) expect_same(id, 1);
}

TEST_F(RequiredPlatforms, OfAnotherPolicyAreThoseOfItsTime) {
    EXPECT_EQ(check("r1").at("verdict"), "continue");
    const auto last_of = [this](const std::string& platforms) {
        return replayed({{"rollout", "r1"}, {"policy", policy(platforms)}})
            .at("checks")
            .as_array()
            .back()
            .as_object();
    };
    EXPECT_EQ(last_of(R"("renthop", "roomies")").at("reason"), "missing_platforms");
    EXPECT_EQ(last_of(R"("renthop", "roomies")").at("subject"), "renthop");
    EXPECT_EQ(last_of("").at("verdict"), "continue");
}

TEST_F(RequiredPlatforms, OfARangeAreKnownFromTheDayBeforeIt) {
    desk_.clock().pass(80 * kMinuteUs / 60);
    const std::string from = "0:" + std::to_string(desk_.core().ledger->head(0).next_ordinal);
    traffic("shadow", 100);
    traffic("canary", 20);
    const auto replay = [&](const std::string& platforms, bool is_aa) {
        json::object wish{{"policy", policy(platforms)}, {"from", from}};
        if (is_aa) wish["aaWeight"] = 20;
        return replayed(wish);
    };
    for (const bool is_aa : {false, true}) {
        const json::object alive = replay(R"("roomies")", is_aa);
        EXPECT_EQ(alive.at("totals").at("rollbacks").to_number<int>(), 0) << json::serialize(alive);
        EXPECT_EQ(replay(R"("renthop")", is_aa).at("totals").at("rollbacks").to_number<int>(), 1);
    }
    set_active(roomies_, false);
    desk_.clock().pass(kDayUs);
    const std::string later = "0:" + std::to_string(desk_.core().ledger->head(0).next_ordinal);
    heard_of("roomies");
    traffic("canary", 20);
    const json::object off = replayed({{"policy", policy(R"("roomies")")}, {"from", later}});
    EXPECT_EQ(off.at("totals").at("rollbacks").to_number<int>(), 1)
        << "switched off long before: " << json::serialize(off);
}

}  // namespace required_platforms_test
