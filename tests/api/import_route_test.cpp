// POST /api/import: the lines of an export, in as outside events; what they were made from comes
// back, once.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/api/route_desk.hpp"

namespace import_route_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;
using boost::json::object;

std::vector<std::string> event_lines(RouteDesk& desk, const std::string& query) {
    const std::string body = body_of(desk.get("/api/admin/export" + query));
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < body.size();) {
        const std::size_t end = body.find('\n', begin);
        std::string line = body.substr(begin, end - begin);
        if (line.starts_with("{\"position\"")) lines.push_back(std::move(line));
        begin = end + 1;
    }
    return lines;
}

/// What must survive a journey: all but place, ids and times of recording.
std::string essence(const std::string& line) {
    object event = boost::json::parse(line).as_object();
    for (const char* name :
         {"position", "eventId", "recordedAt", "recordedBy", "streamVersion", "subject", "frame"})
        event.erase(name);
    return boost::json::serialize(event);
}

class ImportRoute : public ::testing::Test {
  protected:
    void SetUp() override {
        post_event(
            R"({"specversion":"1.0","id":"e-1","source":"/deploys","type":"com.example.deploy",
            "time":"2025-11-20T10:00:00Z","platform":"roomies","conversationid":"c-1","actortype":"service",
            "actorid":"svc-1","cohort":"canary","release":"r1","unit":"u1","correlationid":"run-7",
            "data":{"build":7,"note":"1.10","who":"Ada"}})");
        post_event(R"({"specversion":"1.0","id":"e-2","source":"/deploys","type":"com.example.ping",
            "time":"2025-11-20T10:01:00Z","subject":"ext/pings/7"})");
        post_event(
            R"({"specversion":"1.0","id":"chg-1","source":"messages","type":"message.recorded",
            "time":"2025-11-20T10:02:00Z","data":{"messageId":"m-1","conversationId":"c-1","platform":"roomies",
            "direction":"inbound","reviewStatus":"new","sentAt":"2025-11-20T10:02:00Z"}})");
        post_event(
            R"({"specversion":"1.0","id":"chg-2","source":"appointments","type":"appointment.recorded",
            "time":"2025-11-20T10:03:00Z","data":{"appointmentId":"a-1","platform":"roomies","status":"confirmed",
            "createdAt":"2025-11-20T10:00:00Z","startsAt":"2025-11-21T10:00:00Z","endsAt":"2025-11-21T11:00:00Z"}})");
        post_action(R"({"id":41,"action":"ai_reply_created","actorType":"agent","actorId":"agent-1",
            "entityType":"conversation","entityId":"c-1","createdAt":"2025-11-20T10:04:00Z","cohort":"full",
            "details":{"platform":"roomies","stage":"dispatch","note":"called  back","n":1.10}})");
        post_action(R"({"action":"custom_action","entityType":"booking","entityId":"b-1",
            "createdAt":"2025-11-20T10:05:00Z","details":{"platform":"roomies"}})");
        post_action(R"({"action":"custom_action","entityType":"booking","entityId":"b-1",
            "createdAt":"2025-11-20T10:05:00Z"})");
    }
    void post_event(const std::string& body) {
        const Answer answer = source.post("/api/events", body, "application/cloudevents+json");
        ASSERT_EQ(answer.status, 201) << answer.body;
    }
    void post_action(const std::string& body) {
        const Answer answer = source.post("/api/audit", body);
        ASSERT_EQ(answer.status, 201) << answer.body;
    }
    static object import(RouteDesk& desk, const std::vector<std::string>& lines) {
        return object_of(desk.post_lines("/api/import", lines, 3));
    }
    static void expect_counts(const object& answer, int accepted, int repeated, int refused) {
        EXPECT_EQ(answer.at("accepted"), accepted) << boost::json::serialize(answer);
        EXPECT_EQ(answer.at("repeated"), repeated) << boost::json::serialize(answer);
        EXPECT_EQ(answer.at("refused"), refused) << boost::json::serialize(answer);
    }
    RouteDesk source;
    RouteDesk target;
};

TEST_F(ImportRoute, WhatServicesSentComesBackAsItWas) {
    auto lines = event_lines(source, "?personal=true&from=0:1&to=0:7");
    ASSERT_EQ(lines.size(), 7U);
    expect_counts(import(target, lines), 7, 0, 0);
    const auto arrived = event_lines(target, "?personal=true&from=0:1&to=0:7");
    ASSERT_EQ(arrived.size(), lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
        EXPECT_EQ(essence(arrived[i]), essence(lines[i]));
}

TEST_F(ImportRoute, TheSameFileAgainAddsNothing) {
    const auto lines = event_lines(source, "?personal=true&from=0:1&to=0:7");
    expect_counts(import(target, lines), 7, 0, 0);
    const std::uint64_t after = target.core().ledger->head(0).next_ordinal;
    expect_counts(import(target, lines), 0, 7, 0);
    EXPECT_EQ(target.core().ledger->head(0).next_ordinal, after);
}

TEST_F(ImportRoute, ALedgersOwnEventsAreHereAlready) {
    const auto lines = event_lines(source, "");
    expect_counts(import(source, lines), 0, static_cast<int>(lines.size()), 0);
}

TEST_F(ImportRoute, WhatOnlyDecklogWritesIsRefused) {
    const auto lines = event_lines(source, "?to=0:0");
    ASSERT_EQ(lines.size(), 1U);
    const object answer = import(target, lines);
    expect_counts(answer, 0, 0, 1);
    EXPECT_EQ(answer.at("results").as_array().front().at("error"), "reserved_type");
}

TEST_F(ImportRoute, WhatTheExportLeftSealedIsRefused) {
    const object answer = import(target, event_lines(source, "?from=0:1&to=0:7"));
    EXPECT_EQ(answer.at("refused"), 2) << boost::json::serialize(answer);
    EXPECT_EQ(answer.at("accepted"), 5);
    for (const auto& result : answer.at("results").as_array())
        EXPECT_EQ(result.at("error"), "sealed_data");
}

TEST_F(ImportRoute, CloudEventsComeInUnderTheKeysOfTheirDoor) {
    const std::string event =
        R"({"specversion":"1.0","id":"e-9","source":"/x","type":"com.example.x","data":{"a":1}})";
    expect_counts(import(target, {event}), 1, 0, 0);
    const Answer again = target.post("/api/events", event, "application/cloudevents+json");
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true") << again.body;
}

TEST_F(ImportRoute, RefusesLinesThatAreNoEvents) {
    const object answer =
        import(target, {"{}", "[]", "nonsense", "\xff", R"({"eventId":"x","type":"y"})",
                        R"({"specversion":"1.0","id":"1","source":"s","type":"TokenCreated"})"});
    expect_counts(answer, 0, 0, 6);
    const auto& results = answer.at("results").as_array();
    EXPECT_EQ(results[0].at("error"), "not_an_event");
    EXPECT_EQ(results[1].at("error"), "not_an_event");
    EXPECT_EQ(results[2].at("error"), "invalid_json");
    EXPECT_EQ(results[3].at("error"), "invalid_json");
    EXPECT_EQ(results[4].at("error"), "not_an_event");
    EXPECT_EQ(results[5].at("error"), "reserved_type");
}

TEST_F(ImportRoute, RefusesByTheNamesThatTheLineUses) {
    const auto opened = event_lines(source, "?personal=true");
    const auto with = [&opened](std::string_view type, const std::string& from,
                                const std::string& to) {
        for (std::string line : opened) {
            const auto at = line.find(from);
            if (line.find(type) == std::string::npos || at == std::string::npos) continue;
            return line.replace(at, from.size(), to);
        }
        return "none holds " + from;
    };
    const std::string ahead = R"("occurredAt":"2999-01-01T00:00:00.000000Z")";
    const object answer =
        import(target,
               {with("AuditActionRecorded", R"("occurredAt":"2025-11-20T10:05:00.000000Z")", ahead),
                with("com.example.deploy", R"("actor":{"type":"service","id":"svc-1"})",
                     R"("actor":{"type":"service","id":")" + std::string(201, 'x') + R"("})"),
                with("chg-1", R"("sentAt":"2025)", R"("sentAt":"then 2025)")});
    expect_counts(answer, 0, 0, 3);
    const auto refused = [&answer](std::size_t index) {
        const object& result = answer.at("results").at(index).as_object();
        const auto* field = result.if_contains("field");
        const auto* limit = result.if_contains("limit");
        return boost::json::serialize(boost::json::array{result.at("error"),
                                                         field == nullptr ? nullptr : *field,
                                                         limit == nullptr ? nullptr : *limit});
    };
    EXPECT_EQ(refused(0), R"(["time_too_far_ahead","occurredAt",300])");
    EXPECT_EQ(refused(1), R"(["invalid_id","actor.id",200])");
    EXPECT_EQ(refused(2), R"(["time_malformed","payload.sentAt",null])");
}

TEST_F(ImportRoute, NamesTheDepthThatWhatComesInMayHave) {
    const object answer = import(target, {R"({"specversion":"1.0","data":)" + std::string(60, '[') +
                                          std::string(60, ']') + "}"});
    expect_counts(answer, 0, 0, 1);
    const auto& result = answer.at("results").as_array().front();
    EXPECT_EQ(result.at("error"), "json_too_deep");
    EXPECT_EQ(result.at("limit"), 32);
}

TEST_F(ImportRoute, OneEventAloneIsAnsweredAlone) {
    const auto lines = event_lines(source, "?personal=true&from=0:1&to=0:1");
    const Answer answer = target.post("/api/import", lines.front());
    EXPECT_EQ(answer.status, 201) << answer.body;
}

TEST_F(ImportRoute, ATokenBoundToAnAccountBringsNothingInForAnother) {
    std::string line = event_lines(source, "?personal=true&from=0:1&to=0:1").front();
    const std::string from = R"("account":"")";
    ASSERT_NE(line.find(from), std::string::npos);
    line.replace(line.find(from), from.size(), R"("account":"north")");
    const Answer answer = target.ask({.method = Method::post,
                                      .target = "/api/import",
                                      .body = line,
                                      .role = Role::ingest,
                                      .account = "south"});
    EXPECT_EQ(answer.status, 403) << answer.body;
}

}  // namespace import_route_test
