// POST /api/events: the three modes of CloudEvents are one event, and what is reserved stays so.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/api/route_desk.hpp"

namespace cloud_events_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;

constexpr const char* kStructured = "application/cloudevents+json";
constexpr const char* kBatch = "application/cloudevents-batch+json";

std::string event(std::string_view more = {}, std::string_view type = "com.example.shipped",
                  std::string_view id = "e-1") {
    return R"({"specversion":"1.0","source":"/orders","type":")" + std::string(type) +
           R"(","id":")" + std::string(id) + "\"" + std::string(more) + "}";
}

class CloudEvents : public ::testing::Test {
  protected:
    Answer structured(const std::string& body) {
        return desk.post("/api/events", body, kStructured);
    }
    Answer binary(std::vector<std::pair<std::string, std::string>> headers,
                  const std::string& data) {
        return desk.ask({.method = Method::post,
                         .target = "/api/events",
                         .body = data,
                         .headers = std::move(headers),
                         .role = Role::ingest});
    }
    boost::json::object newest() {
        return object_of(desk.get("/api/events?order=desc&limit=1")).at("items").at(0).as_object();
    }
    RouteDesk desk;
};

TEST_F(CloudEvents, AStructuredEventStandsInTheLogWithItsExtensions) {
    const Answer full = structured(
        R"({"specversion":"1.0","source":"/orders","type":"com.example.shipped","id":"e-2","subject":"ext/orders/7",
        "time":"2025-11-25T12:00:00+01:00","platform":"telegram","conversationid":"c-1","actortype":"service","actorid":"shop",
        "cohort":"canary","release":"r1","unit":"u-1","correlationid":"order-7","partitionkey":"p",
        "traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","data":{"b":1.50,"a":[2]}})");
    ASSERT_EQ(full.status, 201) << full.body;
    EXPECT_EQ(token_of(full, "id"), R"("e-2")");
    const Answer listed = desk.get("/api/streams/ext/orders/7");
    const auto item = object_of(listed).at("items").at(0).as_object();
    EXPECT_EQ(item.at("type"), "com.example.shipped");
    EXPECT_EQ(item.at("stream"), "ext/orders/7");
    EXPECT_EQ(item.at("occurredAt"), "2025-11-25T11:00:00.000000Z");
    EXPECT_EQ(item.at("platform"), "telegram");
    EXPECT_EQ(item.at("conversation"), "c-1");
    EXPECT_EQ(item.at("actor").at("id"), "shop");
    EXPECT_EQ(item.at("cohort"), "canary");
    EXPECT_EQ(item.at("release"), "r1");
    EXPECT_EQ(item.at("unit"), "u-1");
    EXPECT_EQ(item.at("correlationId"), "order-7");
    EXPECT_EQ(item.at("traceId"), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_NE(listed.body.find(R"("data":{"b":1.50,"a":[2]})"), std::string::npos);
    const auto closed = object_of(desk.get("/api/streams/ext/orders/7", Role::viewer))
                            .at("items")
                            .at(0)
                            .as_object();
    EXPECT_EQ(closed.at("payload").at("data"), "[sealed]");
    EXPECT_EQ(closed.at("personal"), "[sealed]");
}

TEST_F(CloudEvents, TheModesAreOneEventForIdempotency) {
    const Answer first = structured(event(
        R"(,"data":{"a":1.0,"b":"x"},"expectedversion":"any","datacontenttype":"application/json")"));
    ASSERT_EQ(first.status, 201) << first.body;
    const Answer second =
        binary({{"ce-specversion", "1.0"},
                {"ce-source", "/orders"},
                {"ce-type", "com.example.shipped"},
                {"ce-id", "e%2D1"},
                {"ce-expectedversion", "any"},
                {"ce-traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                {"content-type", "application/json"}},
               R"({ "b":"x", "a":1.0 })");
    EXPECT_EQ(second.status, 201) << second.body;
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(header_of(second, "Idempotent-Replayed"), "true");
    const auto batch =
        object_of(desk.post("/api/events",
                            "[" + event(R"(,"data":{"a":1.0,"b":"x"},"expectedversion":"any")") +
                                "," + event(R"(,"data":2)") + "]",
                            kBatch));
    EXPECT_EQ(batch.at("repeated"), 1);
    EXPECT_EQ(batch.at("refused"), 1);
    EXPECT_EQ(batch.at("results").at(1).at("error"), "idempotency_conflict");
}

TEST_F(CloudEvents, RequiredAttributesAreRequiredInEveryMode) {
    const std::pair<const char*, const char*> table[] = {
        {R"({"source":"/s","type":"t","id":"1"})", "specversion"},
        {R"({"specversion":"0.3","source":"/s","type":"t","id":"1"})", "specversion"},
        {R"({"specversion":"1.0","type":"t","id":"1"})", "source"},
        {R"({"specversion":"1.0","source":"/s","id":"1"})", "type"},
        {R"({"specversion":"1.0","source":"/s","type":"t"})", "id"},
        {R"({"specversion":"1.0","source":"/s","type":"t","id":""})", "id"},
        {R"({"specversion":"1.0","source":"/s","type":"t","id":"1","time":"now"})", "time"},
        {R"({"specversion":"1.0","source":"/s","type":"t","id":"1","cohort":"blue"})", "cohort"},
        {R"({"specversion":"1.0","source":"/s","type":"t","id":"1","expectedversion":"-1"})",
         "expectedversion"},
        {R"({"specversion":"1.0","source":"/s","type":"t","id":"1","Upper":"x"})", "Upper"},
        {R"({"specversion":"1.0","source":"/s","type":"t","id":"1","nested":{}})", "nested"},
        {R"({"specversion":"1.0","source":"/s","type":"t","id":"1","data_base64":"AA=="})",
         "data_base64"},
    };
    for (const auto& [body, field] : table) {
        const Answer answer = structured(body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(object_of(answer).at("field"), field) << body;
    }
    const Answer without =
        binary({{"ce-specversion", "1.0"}, {"ce-source", "/s"}, {"ce-type", "t"}}, "{}");
    EXPECT_EQ(without.status, 400);
    EXPECT_EQ(object_of(without).at("field"), "id");
    EXPECT_EQ(
        binary({{"ce-specversion", "1.0"}, {"ce-source", "/s"}, {"ce-type", "t"}, {"ce-id", "%zz"}},
               "{}")
            .status,
        400);
    EXPECT_EQ(
        binary({{"ce-specversion", "1.0"}, {"ce-source", "/s"}, {"ce-type", "t"}, {"ce-id", "1"}},
               "no json")
            .status,
        400);
    EXPECT_EQ(structured(event(R"(,"datacontenttype":"text/xml","data":"<a/>")")).status, 415);
    EXPECT_EQ(desk.post("/api/events", "{}", "application/x-ndjson").status, 415);
}

TEST_F(CloudEvents, TypesAndStreamsOfOursAreReserved) {
    for (const char* type : {"TokenCreated", "token_created", "TOKENCREATED", "MessageReceived",
                             "AuditActionRecorded"}) {
        const Answer answer = structured(event({}, type));
        EXPECT_EQ(answer.status, 403) << type;
        EXPECT_EQ(object_of(answer).at("error"), "reserved_type") << type;
    }
    for (const char* subject : {"token/1", "audit/x/y", "ext", "EXT/a"}) {
        const Answer answer = structured(event(R"(,"subject":")" + std::string(subject) + "\""));
        EXPECT_EQ(answer.status, 403) << subject;
        EXPECT_EQ(object_of(answer).at("error"), "reserved_stream") << subject;
    }
    EXPECT_EQ(structured(event(R"(,"subject":"ext/)" + std::string(300, 'x') + "\"")).status, 400);
}

TEST_F(CloudEvents, WithoutASubjectTheSourceNamesTheStream) {
    ASSERT_EQ(structured(event()).status, 201);
    EXPECT_EQ(newest().at("stream"), "ext//orders");
    EXPECT_EQ(object_of(desk.get("/api/streams/ext//orders")).at("version"), 1);
    EXPECT_EQ(object_of(desk.get("/api/streams/ext/%2Forders")).at("version"), 1);
    const std::string long_source(199, 's');
    ASSERT_EQ(
        structured(R"({"specversion":"1.0","source":")" + long_source + R"(","type":"t","id":"1"})")
            .status,
        201);
    EXPECT_EQ(std::string(newest().at("stream").as_string()), "ext/" + long_source);
}

TEST_F(CloudEvents, ExpectedVersionIsCheckedAgainstTheStream) {
    const auto with = [this](std::string_view id, std::string_view expected) {
        return structured(event(R"(,"subject":"ext/v","expectedversion":)" + std::string(expected),
                                "t", id))
            .status;
    };
    EXPECT_EQ(with("1", R"("exists")"), 409);
    EXPECT_EQ(with("2", R"("none")"), 201);
    EXPECT_EQ(with("3", R"("none")"), 409);
    EXPECT_EQ(with("4", "1"), 201);
    EXPECT_EQ(with("5", R"("1")"), 409);
    EXPECT_EQ(with("6", R"("2")"), 201);
    EXPECT_EQ(with("7", R"("exists")"), 201);
    EXPECT_EQ(with("4", "1"), 201) << "a repeat comes before the expected version";
    EXPECT_EQ(object_of(structured(event(R"(,"subject":"ext/v","expectedversion":9)", "t", "8")))
                  .at("error"),
              "version_conflict");
}

TEST_F(CloudEvents, RecordTypesAreFactsOfTheirOwnStreams) {
    const std::string data =
        R"({"messageId":"m-7","conversationId":"c-7","platform":"whatsapp","direction":"outbound","reviewStatus":"draft","sentAt":"2025-11-25T10:00:00Z"})";
    const Answer answer = structured(event(R"(,"data":)" + data, "message.recorded"));
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto item = newest();
    EXPECT_EQ(item.at("stream"), "message/m-7");
    EXPECT_EQ(item.at("type"), "message.recorded");
    EXPECT_EQ(item.at("conversation"), "c-7");
    EXPECT_EQ(item.at("payload").at("sentAt"), "2025-11-25T10:00:00.000000Z");
    EXPECT_EQ(item.at("payload").at("reviewStatus"), "draft");
    EXPECT_EQ(item.if_contains("personal"), nullptr);

    const Answer bad = structured(event(
        R"(,"data":{"messageId":"m","conversationId":"c","platform":"p","direction":"sideways",
        "reviewStatus":"sent","sentAt":"2025-11-25T10:00:00Z"})",
        "message.recorded", "e-9"));
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(object_of(bad).at("field"), "direction");
    EXPECT_EQ(object_of(structured(event({}, "message.recorded", "e-10"))).at("field"), "data");
    EXPECT_EQ(structured(
                  event(R"(,"subject":"message/other","data":)" + data, "message.recorded", "e-11"))
                  .status,
              403);

    const Answer appointment = structured(event(
        R"(,"data":{"appointmentId":"a-1","platform":"telegram","status":"confirmed","createdAt":"2025-11-25T10:00:00Z","startsAt":"2025-12-01T10:00:00Z","endsAt":"2025-12-01T11:00:00Z"})",
        "appointment.recorded", "e-12"));
    ASSERT_EQ(appointment.status, 201) << appointment.body;
    EXPECT_EQ(newest().at("stream"), "appointment/a-1");
}

TEST_F(CloudEvents, ATokenOfOneAccountMayNotWriteForAnother) {
    const auto as_acme = [this](std::string_view more, std::string_view id) {
        return desk.ask({.method = Method::post,
                         .target = "/api/events",
                         .body = event(more, "t", id),
                         .content_type = kStructured,
                         .role = Role::ingest,
                         .account = "acme"});
    };
    EXPECT_EQ(as_acme(R"(,"account":"other")", "1").status, 403);
    EXPECT_EQ(object_of(as_acme(R"(,"account":"other")", "1")).at("error"), "account_mismatch");
    EXPECT_EQ(as_acme({}, "2").status, 201);
    EXPECT_EQ(newest().at("account"), "acme");
}

}  // namespace cloud_events_test
