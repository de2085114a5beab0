// A service's release in its rollout, over a real ledger and engine and with the reactor that
// judges it: traffic of both sides, checks, stages.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <thread>

#include "api/rollouts/rollout_reactor.hpp"
#include "domain/time_text.hpp"
#include "tests/api/route_desk.hpp"

namespace decklog::api::testing {

namespace json = boost::json;

class RolloutDesk : public ::testing::Test {
  protected:
    static inline const std::string kStream =
        "[[streams]]\naction = \"ai_reply_error\"\nattempts = [\"ai_reply_created\"]\n";
    static inline const std::string kPolicy =
        "minimum_exposure = 20\ncanary_weights = [5]\nfull_watch_seconds = 60\n" + kStream;

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
    json::object check(const std::string& id = "r1") {
        const Answer answer =
            desk_.ask({.method = Method::post, .target = "/api/rollouts/" + id + "/check"});
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

/// With the rollout `r1` in its shadow.
class RolloutInShadow : public RolloutDesk {
  protected:
    RolloutInShadow() {
        const Answer made = create("r1", kPolicy);
        EXPECT_EQ(made.status, 201) << made.body;
    }
};

}  // namespace decklog::api::testing
