// /api/rollouts/{id}/commands, drills and runs over a real ledger: what was recorded comes back
// from the log, and what is wrong is named.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/api/route_desk.hpp"

namespace drill_routes_test {

using namespace decklog::api;
using namespace decklog::api::testing;
namespace json = boost::json;

constexpr const char* kPolicy =
    "required_drills = [\"rollout\", \"rollback\"]\n[[streams]]\naction = \"ai_reply_error\"\n"
    "attempts = [\"ai_reply_created\"]\n";
constexpr const char* kStarted = "2025-11-25T16:00:00.000000Z";
constexpr const char* kEnded = "2025-11-25T16:00:01.500000Z";

class DrillRoutes : public ::testing::Test {
  protected:
    DrillRoutes() {
        EXPECT_EQ(post("/api/rollouts", {{"id", "r1"},
                                         {"service", "lease-api"},
                                         {"release", "v2"},
                                         {"baselineRelease", "v1"},
                                         {"policy", kPolicy}})
                      .status,
                  201);
    }
    Answer post(const std::string& target, const json::object& body) {
        return desk_.post(target, json::serialize(body));
    }
    static json::object command(int number, int exit_code = 0) {
        return {{"run", "7f"},
                {"number", number},
                {"words", json::array{"kubectl", "rollout", "undo", "--to-revision=3"}},
                {"exitCode", exit_code},
                {"output", "rolled back \x1b[1m\n"},
                {"cut", true},
                {"startedAt", kStarted},
                {"endedAt", kEnded}};
    }
    static json::object drill(const char* kind, bool passed) {
        return {{"run", "7f"},
                {"kind", kind},
                {"environment", "staging"},
                {"passed", passed},
                {"followUpOwner", "release-duty"},
                {"history", "REVISION\n3\n"},
                {"revision", "3"},
                {"snapshot", json::object{{"windowHours", 2}, {"auditByPlatform", json::array{}}}},
                {"startedAt", kStarted},
                {"endedAt", kEnded}};
    }
    RouteDesk desk_;
};

TEST_F(DrillRoutes, ARunComesBackFromItsEvents) {
    EXPECT_EQ(post("/api/rollouts/r1/stage", {{"stage", "rolled_back"}}).status, 200);
    const Answer first = post("/api/rollouts/r1/commands", command(1));
    ASSERT_EQ(first.status, 201) << first.body;
    const Answer second = post("/api/rollouts/r1/commands", command(2, 1));
    ASSERT_EQ(second.status, 201) << second.body;
    const Answer whole = post("/api/rollouts/r1/drills", drill("rollback", false));
    ASSERT_EQ(whole.status, 201) << whole.body;
    EXPECT_EQ(header_of(whole, "Decklog-Position"), object_of(whole).at("position").as_string());

    const auto recorded = [](const Answer& answer, json::object members) {
        for (const auto& [name, value] :
             {std::pair<const char*, std::string>{"startedAt", kStarted},
              {"endedAt", kEnded},
              {"operator", "tester"},
              {"recordedBy", "token:tester"},
              {"position", std::string(object_of(answer).at("position").as_string())}})
            members[name] = value;
        return members;
    };
    const auto of_command = [&](const Answer& answer, int number, int exit_code) {
        json::object members = command(number, exit_code);
        members.erase("run");
        return recorded(answer, members);
    };
    json::object of_drill = recorded(whole, drill("rollback", false));
    of_drill.erase("run");
    of_drill["sha"] = "v2";
    const json::value expected =
        json::object{{"rollout", "r1"},
                     {"service", "lease-api"},
                     {"release", "v2"},
                     {"run", "7f"},
                     {"verdict", "rollback"},
                     {"commands", json::array{of_command(first, 1, 0), of_command(second, 2, 1)}},
                     {"drill", of_drill}};
    EXPECT_EQ(json::value(object_of(desk_.get("/api/rollouts/r1/runs/7f", Role::viewer))),
              expected);

    const json::value listed = object_of(desk_.get("/api/rollouts/r1")).at("drills");
    ASSERT_EQ(listed.as_array().size(), 1U);
    json::object one = listed.as_array()[0].as_object();
    EXPECT_EQ(one.at("at").as_string().size(), 27U);
    one.erase("at");
    EXPECT_EQ(json::value(one), json::value(json::object{{"kind", "rollback"},
                                                         {"passed", false},
                                                         {"run", "7f"},
                                                         {"environment", "staging"},
                                                         {"followUpOwner", "release-duty"}}));
}

TEST_F(DrillRoutes, TheOperatorIsNamedAndTheTokenStandsBeside) {
    json::object ran = command(1);
    ran["operator"] = "Kim Ode";
    ASSERT_EQ(post("/api/rollouts/r1/commands", ran).status, 201);
    json::object tried = drill("rollback", true);
    tried["operator"] = "Kim Ode";
    ASSERT_EQ(post("/api/rollouts/r1/drills", tried).status, 201);
    const json::object run = object_of(desk_.get("/api/rollouts/r1/runs/7f"));
    for (const json::value& recorded : {run.at("commands").at(0), run.at("drill")}) {
        EXPECT_EQ(recorded.at("operator"), "Kim Ode");
        EXPECT_EQ(recorded.at("recordedBy"), "token:tester");
    }
    const Answer let = post(
        "/api/rollouts/r1/override",
        {{"reason", "a test"}, {"expiresAt", "2025-11-25T18:00:00Z"}, {"operator", "Kim Ode"}});
    ASSERT_EQ(let.status, 201) << let.body;
    EXPECT_EQ(object_of(let).at("override").at("by"), "Kim Ode");
    EXPECT_EQ(object_of(let).at("override").at("recordedBy"), "token:tester");
    const json::object event =
        object_of(desk_.get("/api/events?action=rollout_overridden")).at("items").at(0).as_object();
    EXPECT_EQ(event.at("actor").at("id"), "Kim Ode");
    EXPECT_EQ(event.at("actor").at("type"), "operator");
    ran["operator"] = "Kim\nOde";
    ran["number"] = 2;
    EXPECT_EQ(object_of(post("/api/rollouts/r1/commands", ran)).at("field"), "operator");
}

TEST_F(DrillRoutes, ARepeatUnderItsKeyIsOneCommand) {
    const auto send = [this](const char* key) {
        return desk_.ask({.method = Method::post,
                          .target = "/api/rollouts/r1/commands",
                          .body = json::serialize(command(1)),
                          .headers = {{"idempotency-key", key}}});
    };
    const Answer first = send("c1");
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(header_of(first, "Idempotent-Replayed"), "");
    const Answer again = send("c1");
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
    const Answer other = send("c2");
    EXPECT_EQ(other.status, 409) << other.body;
    EXPECT_EQ(object_of(other).at("error"), "out_of_order");
    const json::object run = object_of(desk_.get("/api/rollouts/r1/runs/7f"));
    EXPECT_EQ(run.at("commands").as_array().size(), 1U);
}

TEST_F(DrillRoutes, NamesWhatIsWrong) {
    const auto without = [](json::object body, const char* name) {
        body.erase(name);
        return body;
    };
    const auto with = [](json::object body, const char* name, json::value value) {
        body[name] = std::move(value);
        return body;
    };
    const json::object ran = command(1), fire = drill("rollout", true);
    struct Row {
        const char* target;
        json::object body;
        int status;
        const char* error;
        const char* field;
    };
    const auto expect_refused = [this](const Row& row) {
        const Answer answer = post(row.target, row.body);
        EXPECT_EQ(answer.status, row.status) << row.field << answer.body;
        EXPECT_EQ(object_of(answer).at("error"), row.error) << row.field << answer.body;
        EXPECT_EQ(object_of(answer).at("field"), row.field) << row.field << answer.body;
    };
    const char* commands = "/api/rollouts/r1/commands";
    const char* drills = "/api/rollouts/r1/drills";
    for (const Row& row :
         {Row{"/api/rollouts/none/commands", ran, 404, "not_found", "id"},
          Row{commands, without(ran, "run"), 400, "missing_field", "run"},
          Row{commands, without(ran, "exitCode"), 400, "missing_field", "exitCode"},
          Row{commands, with(ran, "exitCode", "0"), 400, "invalid_type", "exitCode"},
          Row{commands, with(ran, "exitCode", 999), 400, "invalid_exit_code", "exitCode"},
          Row{commands, with(ran, "number", 1001), 400, "invalid_number", "number"},
          Row{commands, with(ran, "number", -1), 400, "invalid_type", "number"},
          Row{commands, with(ran, "number", 2), 409, "out_of_order", "number"},
          Row{commands, with(ran, "words", "kubectl"), 400, "invalid_type", "words"},
          Row{commands, with(ran, "words", json::array{1}), 400, "invalid_type", "words"},
          Row{commands, with(ran, "words", json::array{}), 400, "invalid_words", "words"},
          Row{commands, with(ran, "output", json::string(65'537, 'o')), 400, "invalid_output",
              "output"},
          Row{commands, with(ran, "endedAt", "2025-11-25T15:00:00Z"), 400, "invalid_time",
              "endedAt"},
          Row{commands, with(ran, "shell", true), 400, "unknown_field", "shell"},
          Row{drills, fire, 400, "no_commands", "run"}})
        expect_refused(row);
    ASSERT_EQ(post(commands, ran).status, 201);
    for (const Row& row :
         {Row{drills, without(fire, "passed"), 400, "missing_field", "passed"},
          Row{drills, with(fire, "passed", "yes"), 400, "invalid_type", "passed"},
          Row{drills, with(fire, "kind", "fire"), 400, "invalid_kind", "kind"},
          Row{drills, without(fire, "environment"), 400, "missing_field", "environment"},
          Row{drills, with(fire, "snapshot", "{}"), 400, "invalid_type", "snapshot"},
          Row{drills, without(with(fire, "passed", false), "followUpOwner"), 400, "owner_needed",
              "followUpOwner"},
          Row{drills, without(with(fire, "kind", "rollback"), "revision"), 400, "revision_needed",
              "revision"},
          Row{drills, without(with(fire, "kind", "rollback"), "history"), 400, "history_needed",
              "history"}})
        expect_refused(row);
    ASSERT_EQ(post(drills, fire).status, 201);
    expect_refused({drills, fire, 409, "run_finished", "run"});
    expect_refused({commands, command(2), 409, "run_finished", "run"});
    EXPECT_EQ(desk_.get("/api/rollouts/r1/runs/none").status, 404);
    EXPECT_EQ(object_of(desk_.get("/api/rollouts/r1/runs/none")).at("field"), "run");
    EXPECT_EQ(object_of(desk_.get("/api/rollouts/none/runs/7f")).at("field"), "id");
}

}  // namespace drill_routes_test
