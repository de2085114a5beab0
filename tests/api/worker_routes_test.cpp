// Heartbeats: what becomes an event, what a list shows, and the runtime that must not be.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/api/route_desk.hpp"

namespace worker_routes_test {

using namespace decklog::api;
using namespace decklog::api::testing;
using boost::json::object;

constexpr std::int64_t kSecondUs = 1'000'000;

class WorkerRoutes : public ::testing::Test {
  protected:
    Answer beat(const std::string& body, const std::string& name = "worker-1") {
        last_ = desk_.post("/api/workers/" + name + "/heartbeat", body);
        return last_;
    }
    Answer beat_with(const std::string& more) {
        return beat(R"({"release":"r1","provider":"gemini","runtime":"playwright")" + more + "}");
    }
    object listed(Role role = Role::viewer) {
        const Answer answer =
            desk_.get("/api/workers?wait=" + header_of(last_, "Decklog-Position"), role);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return object_of(answer);
    }
    object first_listed(Role role = Role::viewer) {
        return listed(role).at("items").as_array().at(0).as_object();
    }
    std::size_t reports() {
        const Answer answer = desk_.get("/api/streams/worker/worker-1");
        return object_of(answer).at("items").as_array().size();
    }

    RouteDesk desk_;
    Answer last_;
};

TEST_F(WorkerRoutes, RecordAHeartbeatThatSaysSomethingNew) {
    const Answer first = beat_with(R"(,"queueDepth":3)");
    EXPECT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(object_of(first).at("recorded"), true);
    EXPECT_TRUE(object_of(first).at("hardGate").is_null());

    const Answer same = beat_with(R"(,"queueDepth":90)");
    EXPECT_EQ(same.status, 200) << same.body;
    EXPECT_EQ(object_of(same).at("recorded"), false);
    EXPECT_EQ(object_of(same).at("position"), object_of(first).at("position"));
    EXPECT_EQ(reports(), 1U) << "the queue depth alone is no news";
    EXPECT_EQ(first_listed().at("queueDepth"), 3);
    desk_.clock().pass(10 * kSecondUs);
    EXPECT_EQ(beat_with(R"(,"queueDepth":90)").status, 201) << "but after ten seconds";
    EXPECT_EQ(first_listed().at("queueDepth"), 90);

    EXPECT_EQ(beat_with(R"(,"lastError":"timed out")").status, 201);
    EXPECT_EQ(beat_with(R"(,"lastError":"timed out")").status, 200);
    EXPECT_EQ(beat_with(R"(,"lastError":"refused")").status, 201);
    EXPECT_EQ(beat_with("").status, 201) << "the error is over";
    EXPECT_EQ(reports(), 5U);
    desk_.clock().pass(59 * kSecondUs);
    EXPECT_EQ(beat_with("").status, 200);
    desk_.clock().pass(kSecondUs);
    EXPECT_EQ(beat_with("").status, 201);
    EXPECT_EQ(reports(), 6U);
}

TEST_F(WorkerRoutes, ShowTheMockRuntimeAsAHardGate) {
    const Answer answer = beat(R"({"release":"r1","provider":"heuristic","runtime":"mock"})");
    EXPECT_EQ(object_of(answer).at("hardGate"), "MOCK_RUNTIME_FORBIDDEN");
    EXPECT_EQ(listed().at("requiredRuntime"), "playwright");
    EXPECT_EQ(first_listed().at("hardGate"), "MOCK_RUNTIME_FORBIDDEN");
    EXPECT_EQ(first_listed().at("runtime"), "mock");
    beat_with("");
    EXPECT_TRUE(first_listed().at("hardGate").is_null());
}

TEST_F(WorkerRoutes, SayWhoIsSilent) {
    beat_with("");
    EXPECT_EQ(first_listed().at("state"), "reporting");
    desk_.clock().pass(180 * kSecondUs);
    EXPECT_EQ(first_listed().at("state"), "reporting");
    desk_.clock().pass(kSecondUs);
    EXPECT_EQ(first_listed().at("state"), "silent");
    beat_with("");
    EXPECT_EQ(first_listed().at("state"), "reporting");
}

TEST_F(WorkerRoutes, SealTheTextOfAnError) {
    beat_with(R"(,"lastError":"login of kim@example.com failed","queueDepth":2)");
    EXPECT_EQ(first_listed(Role::operator_).at("lastError"), "login of kim@example.com failed");
    EXPECT_EQ(first_listed(Role::viewer).at("lastError"), "[sealed]");
    EXPECT_EQ(first_listed().at("queueDepth"), 2);
    const Answer stream = desk_.get("/api/streams/worker/worker-1", Role::viewer);
    EXPECT_EQ(stream.body.find("kim@example.com"), std::string::npos) << stream.body;
    beat_with("");
    EXPECT_TRUE(first_listed().at("lastError").is_null());
}

TEST_F(WorkerRoutes, NameWhatIsWrongWithAHeartbeat) {
    struct Row {
        std::string body;
        const char* error;
        const char* field;
    };
    const std::string good = R"({"release":"r1","provider":"gemini","runtime":"playwright")";
    for (const Row& row :
         {Row{"{}", "missing_field", "release"},
          Row{R"({"release":"r 1","provider":"g","runtime":"p"})", "invalid_name", "release"},
          Row{good + R"(,"queueDepth":-1})", "invalid_number", "queueDepth"},
          Row{good + R"(,"queueDepth":1000000000001})", "invalid_number", "queueDepth"},
          Row{good + R"(,"queueDepth":18446744073709551615})", "invalid_number", "queueDepth"},
          Row{good + R"(,"queueDepth":1.5})", "invalid_type", "queueDepth"},
          Row{good + R"(,"lastError":7})", "invalid_type", "lastError"},
          Row{good + R"(,"lastError":")" + std::string(4097, 'x') + R"("})", "text_too_long",
              "lastError"},
          Row{good + R"(,"mood":"good"})", "unknown_field", "mood"}}) {
        const Answer answer = beat(row.body);
        EXPECT_EQ(answer.status, 400) << row.error;
        EXPECT_EQ(object_of(answer).at("error"), row.error) << answer.body;
        EXPECT_EQ(object_of(answer).at("field"), row.field) << answer.body;
    }
    EXPECT_EQ(object_of(beat(good + R"(,"queueDepth":1000000000001})")).at("limit"),
              1'000'000'000'000);
    EXPECT_EQ(object_of(beat(good + R"(,"queueDepth":-1})")).at("limit"), 0);
    const Answer name = beat(good + "}", "a%20b");
    EXPECT_EQ(name.status, 400);
    EXPECT_EQ(object_of(name).at("field"), "worker");
    EXPECT_EQ(object_of(name).at("limit"), 128);
}

}  // namespace worker_routes_test
