// GET /api/events and streams: every filter against a naive reading of the whole log, paging,
// cursors, waiting.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>
#include <set>

#include "api/answers.hpp"
#include "tests/api/route_desk.hpp"

namespace event_queries_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;
using boost::json::array;
using boost::json::object;

class EventQueries : public ::testing::Test {
  protected:
    void SetUp() override {
        const char* platforms[] = {"telegram", "slack", ""};
        const char* actions[] = {"ai_reply_created", "ai_reply_error", "custom.action"};
        for (int i = 0; i < 60; ++i) {
            object action{
                {"action", actions[i % 3]},
                {"actorType", "agent"},
                {"actorId", "agent-" + std::to_string(i % 4)},
                {"entityType", "conversation"},
                {"entityId", "c-" + std::to_string(i % 5)},
                {"createdAt", "2025-11-25T10:" + std::to_string(10 + (i * 7) % 50) + ":00Z"},
                {"details", object{{"note", "text " + std::to_string(i)}}}};
            if (platforms[(i / 2) % 3][0] != 0) action["platform"] = platforms[(i / 2) % 3];
            ASSERT_EQ(desk.post("/api/audit", boost::json::serialize(action)).status, 201);
            desk.clock().pass(1'000'000);
        }
    }
    /// All events of the log, in order, as the API shows them.
    array all() { return object_of(desk.get("/api/events?limit=1000")).at("items").as_array(); }
    array items(const std::string& query) {
        const Answer answer = desk.get("/api/events?" + query);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.status == 200 ? object_of(answer).at("items").as_array() : array{};
    }
    void expect_filter(const std::string& query, const std::function<bool(const object&)>& naive) {
        array expected;
        for (const auto& event : all()) {
            if (naive(event.as_object())) expected.push_back(event);
        }
        EXPECT_EQ(boost::json::serialize(items("limit=1000&" + query)),
                  boost::json::serialize(expected))
            << query;
        std::reverse(expected.begin(), expected.end());
        EXPECT_EQ(boost::json::serialize(items("order=desc&limit=1000&" + query)),
                  boost::json::serialize(expected))
            << query;
        EXPECT_FALSE(expected.empty()) << query << " matches nothing, which proves nothing";
    }
    RouteDesk desk;
};

std::string text(const object& event, std::string_view key) {
    const auto* value = event.if_contains(boost::json::string_view(key.data(), key.size()));
    return value == nullptr ? std::string() : std::string(value->as_string());
}

TEST_F(EventQueries, EveryFilterEqualsANaiveReading) {
    expect_filter("type=AuditActionRecorded",
                  [](const object& e) { return text(e, "type") == "AuditActionRecorded"; });
    expect_filter("action=ai_reply_error",
                  [](const object& e) { return text(e, "action") == "ai_reply_error"; });
    expect_filter("action=ai_reply_error&action=custom.action", [](const object& e) {
        return text(e, "action") == "ai_reply_error" || text(e, "action") == "custom.action";
    });
    expect_filter("platform=slack", [](const object& e) { return text(e, "platform") == "slack"; });
    expect_filter("conversation=c-3",
                  [](const object& e) { return text(e, "conversation") == "c-3"; });
    expect_filter("conversation=c-3&conversation=c-1&platform=telegram", [](const object& e) {
        return (text(e, "conversation") == "c-3" || text(e, "conversation") == "c-1") &&
               text(e, "platform") == "telegram";
    });
    expect_filter("actor=agent-2", [](const object& e) {
        return text(e.at("actor").as_object(), "id") == "agent-2";
    });
    expect_filter("stream=audit/conversation/c-2",
                  [](const object& e) { return text(e, "stream") == "audit/conversation/c-2"; });
    expect_filter("since=2025-11-25T10:20:00Z&until=2025-11-25T10:40:00Z", [](const object& e) {
        return text(e, "occurredAt") >= "2025-11-25T10:20:00.000000Z" &&
               text(e, "occurredAt") < "2025-11-25T10:40:00.000000Z";
    });
    expect_filter("since=2025-11-25T12:20:00%2B02:00&action=ai_reply_created", [](const object& e) {
        return text(e, "occurredAt") >= "2025-11-25T10:20:00.000000Z" &&
               text(e, "action") == "ai_reply_created";
    });
    expect_filter("from=0:10&to=0:20", [](const object& e) {
        const auto ordinal =
            std::stoi(text(e, "position").substr(text(e, "position").find(':') + 1));
        return ordinal >= 10 && ordinal <= 20;
    });
}

TEST_F(EventQueries, FromAndToTakeTimesOfRecording) {
    const auto every = all();
    const std::string middle = text(every[30].as_object(), "recordedAt");
    expect_filter("to=" + middle, [&](const object& e) { return text(e, "recordedAt") <= middle; });
    expect_filter("from=" + middle,
                  [&](const object& e) { return text(e, "recordedAt") >= middle; });
    EXPECT_TRUE(items("to=1999-01-01T00:00:00Z").empty());
    EXPECT_TRUE(items("from=2099-01-01T00:00:00Z").empty());
}

TEST_F(EventQueries, PagesJoinToTheWholeInBothOrders) {
    for (const std::string order : {"asc", "desc"}) {
        const std::string whole =
            boost::json::serialize(items("action=ai_reply_created&limit=1000&order=" + order));
        array joined;
        std::string cursor;
        do {
            const auto page = object_of(
                desk.get("/api/events?action=ai_reply_created&limit=3&order=" + order + cursor));
            for (const auto& item : page.at("items").as_array()) joined.push_back(item);
            const auto& next = page.at("next");
            cursor = next.is_null() ? "" : "&cursor=" + std::string(next.as_string());
        } while (!cursor.empty());
        EXPECT_EQ(boost::json::serialize(joined), whole) << order;
    }
}

TEST_F(EventQueries, AnAnswerSaysWhatItReflects) {
    const auto body = object_of(desk.get("/api/events?limit=1"));
    const std::uint64_t last = desk.core().ledger->head(0).next_ordinal - 1;
    EXPECT_EQ(text_at(body, "asOf", "position"), cursor_of(desk.core(), {0, last}));
    EXPECT_EQ(body.at("asOf").at("time"), "2025-11-25T17:01:00.000000Z");
}

TEST_F(EventQueries, TheTimeOfAnswersNeverGoesBack) {
    const auto time = [this] {
        return text(object_of(desk.get("/api/events?limit=1")).at("asOf").as_object(), "time");
    };
    const std::string before = time();
    desk.clock().pass(-30'000'000);
    EXPECT_EQ(time(), before);
}

TEST_F(EventQueries, AStreamShowsItsOwnEventsAndVersion) {
    const auto body = object_of(desk.get("/api/streams/audit/conversation/c-2?order=desc&limit=2"));
    EXPECT_EQ(body.at("stream"), "audit/conversation/c-2");
    EXPECT_EQ(body.at("version"), 12);
    EXPECT_EQ(body.at("items").at(0).at("streamVersion"), 12);
    EXPECT_EQ(body.at("items").at(1).at("streamVersion"), 11);
    EXPECT_EQ(object_of(desk.get("/api/streams/nothing/here")).at("version"), 0);
}

TEST_F(EventQueries, RefusesWhatItCannotReadNamingTheField) {
    const std::tuple<const char*, int, const char*, const char*> table[] = {
        {"colour=red", 400, "unknown_parameter", "colour"},
        {"limit=0", 400, "out_of_range", "limit"},
        {"limit=1001", 400, "out_of_range", "limit"},
        {"limit=ten", 400, "not_a_number", "limit"},
        {"order=random", 400, "unknown_word", "order"},
        {"since=yesterday", 400, "time_malformed", "since"},
        {"until=2025-01-01T00:00:00.1234567Z", 400, "time_too_precise", "until"},
        {"cursor=x", 400, "cursor_malformed", "cursor"},
        {"cursor=0:1&cursor=0:2", 400, "repeated_parameter", "cursor"},
        {"from=0:1:2", 400, "cursor_malformed", "from"},
        {"from=1:0", 400, "cursor_malformed", "from"},
        {"action=", 400, "empty_parameter", "action"},
        {"cursor=00000000.0:1", 409, "other_ledger", "cursor"},
        {"wait=00000000.0:1", 409, "other_ledger", "wait"},
        {"wait=soon", 400, "cursor_malformed", "wait"},
    };
    for (const auto& [query, status, error, field] : table) {
        const Answer answer = desk.get("/api/events?" + std::string(query));
        EXPECT_EQ(answer.status, status) << query << answer.body;
        EXPECT_EQ(object_of(answer).at("error"), error) << query;
        EXPECT_EQ(object_of(answer).at("field"), field) << query;
    }
}

TEST_F(EventQueries, WaitsForAPositionThatIsThereAndGivesUpOnOneThatIsNot) {
    const Answer write =
        desk.post("/api/audit", R"({"action":"late","entityType":"e","entityId":"1"})");
    const std::string position = header_of(write, "Decklog-Position");
    const auto body = object_of(desk.get("/api/audit?by=action&window=7d&wait=" + position));
    EXPECT_EQ(text_at(body, "asOf", "position"), position);
    const Answer never = desk.get("/api/events?wait=0:999999");
    EXPECT_EQ(never.status, 504);
    EXPECT_EQ(object_of(never).at("error"), "not_reached");
}

TEST_F(EventQueries, CountsOfTheViewAndOfTheLogAgree) {
    for (const std::string by : {"platform", "agent", "conversation", "action"}) {
        const std::string query =
            "/api/audit?by=" + by + "&window=30d&wait=" + cursor_of(desk.core(), {0, 60});
        const auto view = object_of(desk.get(query));
        const auto log = object_of(desk.get(query + "&type=AuditActionRecorded"));
        EXPECT_EQ(view.at("items"), log.at("items")) << by;
        EXPECT_EQ(view.at("total"), 60) << by;
    }
    const auto page = object_of(desk.get("/api/audit?by=conversation&window=30d&limit=2"));
    EXPECT_EQ(page.at("next"), "2");
    EXPECT_EQ(page.at("items").as_array().size(), 2U);
    EXPECT_EQ(desk.get("/api/audit?by=colour").status, 400);
    EXPECT_EQ(desk.get("/api/audit?window=forever").status, 400);
}

}  // namespace event_queries_test
