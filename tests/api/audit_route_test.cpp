// POST /api/audit: shape, limits, idempotency, batches, NDJSON; what is sealed and what comes back
// as it came.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "domain/limits.hpp"
#include "domain/time_text.hpp"
#include "store/vault/keyed_vault.hpp"
#include "tests/api/route_desk.hpp"

namespace audit_route_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;

std::string action(std::string_view more = {}) {
    return R"({"action":"ai_reply_created","actorType":"worker","actorId":null,"entityType":"message","entityId":"m-1")" +
           std::string(more) + "}";
}

class AuditRoute : public ::testing::Test {
  protected:
    Answer post_with_key(const std::string& body, const std::string& key) {
        return desk.ask({.method = Method::post,
                         .target = "/api/audit",
                         .body = body,
                         .headers = {{"idempotency-key", key}},
                         .role = Role::ingest});
    }
    std::int64_t events() {
        return static_cast<std::int64_t>(desk.core().ledger->head(0).next_ordinal);
    }

    RouteDesk desk;
};

TEST_F(AuditRoute, AnswersASingleActionWithItsCursorAndEventId) {
    const Answer answer = desk.post("/api/audit", action());
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto body = object_of(answer);
    EXPECT_EQ(body.size(), 3U);
    EXPECT_EQ(body.at("deduplicated"), false);
    EXPECT_EQ(header_of(answer, "Decklog-Position"), body.at("position").as_string());
    EXPECT_TRUE(domain::event_id_from_text(std::string(body.at("id").as_string())));
}

TEST_F(AuditRoute, AnActionWithoutAnyKeyIsNewEachTime) {
    const auto first = object_of(desk.post("/api/audit", action()));
    const auto second = object_of(desk.post("/api/audit", action()));
    EXPECT_NE(first.at("position"), second.at("position"));
    EXPECT_NE(first.at("id"), second.at("id"));
}

TEST_F(AuditRoute, ARepeatAnswersWhatTheFirstAnsweredAndSaysSo) {
    const Answer first = desk.post("/api/audit", action(R"(,"id":"a-1")"));
    const std::int64_t before = events();
    const Answer second = desk.post("/api/audit", action(R"(,"id":"a-1")"));
    EXPECT_EQ(second.status, first.status);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(header_of(first, "Idempotent-Replayed"), "");
    EXPECT_EQ(header_of(second, "Idempotent-Replayed"), "true");
    EXPECT_EQ(header_of(second, "Decklog-Position"), header_of(first, "Decklog-Position"));
    EXPECT_EQ(token_of(first, "id"), R"("a-1")");
    EXPECT_EQ(token_of(first, "deduplicated"), "true");
    EXPECT_EQ(events(), before);
}

TEST_F(AuditRoute, SpacingKeyOrderAndEscapesDoNotMakeAnotherRequest) {
    const Answer first =
        desk.post("/api/audit", R"({"id":"k","action":"x","entityType":"e","entityId":"A"})");
    const Answer second = desk.post(
        "/api/audit", R"({ "entityId" : "\u0041", "entityType":"e","action":"x","id":"k" })");
    EXPECT_EQ(second.status, 201) << second.body;
    EXPECT_EQ(second.body, first.body);
}

TEST_F(AuditRoute, TheSameKeyWithAnotherContentIsAConflict) {
    ASSERT_EQ(desk.post("/api/audit", action(R"(,"id":"a-1","details":{"n":1.0})")).status, 201);
    const Answer answer = desk.post("/api/audit", action(R"(,"id":"a-1","details":{"n":1.00})"));
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(object_of(answer).at("error"), "idempotency_conflict");
}

TEST_F(AuditRoute, ANumberAsIdComesBackAsTheNumberItWas) {
    const Answer first = desk.post("/api/audit", action(R"(,"id":1234567890123456789012)"));
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(token_of(first, "id"), "1234567890123456789012");
    EXPECT_EQ(desk.post("/api/audit", action(R"(,"id":1234567890123456789012)")).body, first.body);
}

TEST_F(AuditRoute, IdempotencyKeyStandsInForAMissingId) {
    const Answer first = post_with_key(action(), "key-1");
    const Answer second = post_with_key(action(), "key-1");
    EXPECT_EQ(token_of(first, "deduplicated"), "true");
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(post_with_key(action(R"(,"unit":"other")"), "key-1").status, 409);
    EXPECT_EQ(post_with_key(action(), "key-2").status, 201);
    const Answer refused = post_with_key(action(), std::string(201, 'k'));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(object_of(refused).at("field"), "Idempotency-Key");
}

TEST_F(AuditRoute, ABatchUnderOneKeyKeysEachItemByItsPlace) {
    const std::string body = "[" + action() + "," + action() + "]";
    const auto first = object_of(post_with_key(body, "batch"));
    EXPECT_EQ(first.at("accepted"), 2);
    const Answer again = post_with_key(body, "batch");
    const auto second = object_of(again);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(second.at("repeated"), 2);
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(second.at("results").at(i).at("position"),
                  first.at("results").at(i).at("position"));
        EXPECT_EQ(second.at("results").at(i).at("status"), 201);
        EXPECT_EQ(second.at("results").at(i).at("outcome"), "repeated");
    }
}

TEST_F(AuditRoute, ABatchTellsWhatBecameOfEachItem) {
    const std::string body = "[" + action(R"(,"id":"b")") + "," + action(R"(,"id":"b")") + "," +
                             action(R"(,"id":"b","unit":"u")") +
                             R"(,{"action":"x","entityType":"e"}])";
    const Answer answer = desk.post("/api/audit", body);
    const auto whole = object_of(answer);
    EXPECT_EQ(answer.status, 207);
    EXPECT_EQ(whole.at("accepted"), 1);
    EXPECT_EQ(whole.at("repeated"), 1);
    EXPECT_EQ(whole.at("refused"), 2);
    const auto& results = whole.at("results").as_array();
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[1].at("outcome"), "repeated");
    EXPECT_EQ(results[2].at("status"), 409);
    EXPECT_EQ(results[2].at("error"), "idempotency_conflict");
    EXPECT_EQ(results[3].at("status"), 400);
    EXPECT_EQ(results[3].at("field"), "entityId");
    EXPECT_EQ(results[3].at("index"), 3);
    EXPECT_EQ(results[3].as_object().if_contains("position"), nullptr);
    EXPECT_EQ(header_of(answer, "Decklog-Position"), results[0].at("position").as_string());
}

struct Refused {
    std::string body;
    int status;
    std::string error;
    std::string field;
};

TEST_F(AuditRoute, RefusesWhatBreaksARuleNamingTheField) {
    const std::string ahead = domain::to_rfc3339(kStartUs + domain::limits::kAheadMicrosMax + 1);
    const Refused table[] = {
        {"{", 400, "invalid_json", ""},
        {"7", 400, "not_an_object", ""},
        {R"({"entityType":"e","entityId":"1"})", 400, "missing_field", "action"},
        {R"({"action":"x","entityId":"1"})", 400, "missing_field", "entityType"},
        {R"({"action":"x","entityType":"e"})", 400, "missing_field", "entityId"},
        {action(R"(,"plattform":"telegram")"), 400, "unknown_field", "plattform"},
        {R"({"action":"with space","entityType":"e","entityId":"1"})", 400, "invalid_name",
         "action"},
        {action(R"(,"platform":7)"), 400, "not_a_string", "platform"},
        {action(R"(,"platform":"a\u0001b")"), 400, "invalid_id", "platform"},
        {action(R"(,"conversationId":")" + std::string(201, 'c') + "\""), 400, "invalid_id",
         "conversationId"},
        {action(R"(,"id":true)"), 400, "invalid_id", "id"},
        {action(R"(,"details":[1])"), 400, "not_an_object", "details"},
        {action(R"(,"cohort":"blue")"), 400, "unknown_cohort", "cohort"},
        {action(R"(,"release":"two words")"), 400, "invalid_name", "release"},
        {action(R"(,"createdAt":"yesterday")"), 400, "time_malformed", "createdAt"},
        {action(R"(,"createdAt":"2025-01-01T00:00:00.1234567Z")"), 400, "time_too_precise",
         "createdAt"},
        {action(R"(,"createdAt":")" + ahead + "\""), 400, "time_too_far_ahead", "createdAt"},
        {action(R"(,"details":{"a":1,"a":2})"), 400, "duplicate_key", "details.a"},
        {R"({"action":"token_created","entityType":"e","entityId":"1"})", 403, "reserved_type",
         "action"},
        {R"({"action":"TokenCreated","entityType":"e","entityId":"1"})", 403, "reserved_type",
         "action"},
    };
    const std::int64_t before = events();
    for (const Refused& row : table) {
        const Answer answer = desk.post("/api/audit", row.body);
        const auto body = object_of(answer);
        EXPECT_EQ(answer.status, row.status) << row.body << answer.body;
        EXPECT_EQ(std::string(body.at("error").as_string()), row.error) << row.body << answer.body;
        EXPECT_EQ(body.contains("field") ? std::string(body.at("field").as_string()) : "",
                  row.field)
            << row.body;
    }
    EXPECT_EQ(events(), before);
}

TEST_F(AuditRoute, TakesATimeFiveMinutesAheadAndAnyOffset) {
    const std::string ahead = domain::to_rfc3339(kStartUs + domain::limits::kAheadMicrosMax);
    EXPECT_EQ(desk.post("/api/audit", action(R"(,"createdAt":")" + ahead + "\"")).status, 201);
    EXPECT_EQ(
        desk.post("/api/audit", action(R"(,"createdAt":"1999-12-31T23:59:59.5+05:30")")).status,
        201);
    const auto item = object_of(desk.get("/api/events?order=desc&limit=1")).at("items").at(0);
    EXPECT_EQ(item.at("occurredAt"), "1999-12-31T18:29:59.500000Z");
}

TEST_F(AuditRoute, RefusesAnEventOverHalfAMebibyteAndBodiesTooDeep) {
    const std::string large(domain::limits::kEventBytesMax, 'x');
    const Answer answer =
        desk.post("/api/audit", action(R"(,"details":{"note":")" + large + R"("})"));
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(object_of(answer).at("error"), "event_too_large");
    std::string deep;
    for (int i = 0; i < 40; ++i) deep += R"({"a":)";
    deep += "1" + std::string(40, '}');
    EXPECT_EQ(object_of(desk.post("/api/audit", action(R"(,"details":)" + deep))).at("error"),
              "json_too_deep");
}

TEST_F(AuditRoute, RefusesMoreThanTenThousandItemsAsAWhole) {
    std::string body = "[1";
    for (int i = 0; i < 10'000; ++i) body += ",1";
    const Answer answer = desk.post("/api/audit", body + "]");
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(object_of(answer).at("error"), "too_many_items");
    EXPECT_EQ(object_of(answer).at("limit"), 10'000);
}

TEST_F(AuditRoute, DetailsAreSealedUnlessEveryKeyIsKnown) {
    ASSERT_EQ(
        desk.post("/api/audit", action(R"(,"details":{"platform":"telegram","stage":"send"})"))
            .status,
        201);
    ASSERT_EQ(desk.post("/api/audit",
                        action(R"(,"details":{"platform":"telegram","error":"Jane called"})"))
                  .status,
              201);
    const Answer answer = desk.get("/api/events?action=ai_reply_created", Role::viewer);
    const auto body = object_of(answer);
    const auto& known = body.at("items").at(0).as_object();
    EXPECT_EQ(known.if_contains("personal"), nullptr);
    EXPECT_EQ(known.at("payload").at("details").at("stage"), "send");
    const auto& sealed = body.at("items").at(1).as_object();
    EXPECT_EQ(sealed.at("personal"), "[sealed]");
    EXPECT_EQ(sealed.at("payload").at("details"), "[sealed]");
    EXPECT_EQ(sealed.at("payload").at("known").at("platform"), "telegram");
    EXPECT_EQ(answer.body.find("Jane"), std::string::npos);
}

TEST_F(AuditRoute, DetailsComeBackInTheirOrderAndNumberFormatToThoseWhoMay) {
    const std::string details =
        R"({"zeta":1.10,"alpha":1E5,"note":"a\"b  c","n":10000000000000000000001,"e":{}})";
    ASSERT_EQ(
        desk.post("/api/audit", action(R"(,"details": {"zeta":1.10, "alpha":1E5 ,"note":"a\"b  c",
        "n":10000000000000000000001,"e":{}})"))
            .status,
        201);
    const Answer events = desk.get("/api/events?action=ai_reply_created", Role::operator_);
    EXPECT_NE(events.body.find("\"details\":" + details), std::string::npos) << events.body;
    EXPECT_EQ(events.body.find('\n'), std::string::npos);
}

TEST_F(AuditRoute, TheEnvelopeNamesPlatformAndConversationFromDetailsFirst) {
    ASSERT_EQ(
        desk.post(
                "/api/audit",
                action(
                    R"(,"platform":"slack","conversationId":"top","details":{"platform":"telegram",
        "conversation":{"id":"nested"}})"))
            .status,
        201);
    ASSERT_EQ(
        desk.post("/api/audit",
                  action(R"(,"platform":"slack","details":{"platform":"","conversationId":77})"))
            .status,
        201);
    ASSERT_EQ(
        desk.post("/api/audit", R"({"action":"x","entityType":"conversation","entityId":"c-9"})")
            .status,
        201);
    const auto items =
        object_of(desk.get("/api/events?type=AuditActionRecorded")).at("items").as_array();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].at("platform"), "telegram");
    EXPECT_EQ(items[0].at("conversation"), "nested");
    EXPECT_EQ(items[1].at("platform"), "slack");
    EXPECT_EQ(items[1].at("conversation"), "77");
    EXPECT_EQ(items[2].at("conversation"), "c-9");
    EXPECT_EQ(items[2].at("recordedBy"), "token:tester");
    EXPECT_EQ(items[2].at("stream"), "audit/conversation/c-9");
}

TEST_F(AuditRoute, NdjsonAnswersForAllLinesAndShowsTheFirstHundredRefusals) {
    std::vector<std::string> lines;
    for (int i = 0; i < 300; ++i)
        lines.push_back(action(R"(,"id":"l-)" + std::to_string(i) + "\""));
    for (int i = 0; i < 150; ++i) lines.emplace_back(R"({"action":"x"})");
    lines.emplace_back("");
    const Answer answer = desk.post_lines("/api/audit", lines, 128);
    const auto body = object_of(answer);
    EXPECT_EQ(answer.status, 207);
    EXPECT_EQ(body.at("accepted"), 300);
    EXPECT_EQ(body.at("refused"), 150);
    EXPECT_EQ(body.at("results").as_array().size(), 100U);
    EXPECT_EQ(body.at("results").at(0).at("index"), 300);
    const auto again =
        object_of(desk.post_lines("/api/audit", {lines.begin(), lines.begin() + 300}, 300));
    EXPECT_EQ(again.at("repeated"), 300);
    EXPECT_EQ(again.at("results").as_array().size(), 0U);
}

TEST_F(AuditRoute, LinesAfterAFailureAreRefusedOneByOneSinceThoseBeforeItAreDurable) {
    const std::vector<std::string> lines(5, action());
    const Answer answer =
        desk.post_lines("/api/audit", lines, 2, [this] { desk.core().ledger->stop(); });
    const auto body = object_of(answer);
    EXPECT_EQ(answer.status, 207);
    EXPECT_EQ(body.at("accepted"), 2);
    EXPECT_EQ(body.at("refused"), 3);
    EXPECT_EQ(body.at("results").at(2).at("index"), 4);
    EXPECT_EQ(body.at("results").at(0).at("status"), 503);
    EXPECT_EQ(desk.post_lines("/api/audit", lines, 2).status, 503) << "nothing was filed at all";
}

TEST_F(AuditRoute, OnANearlyFullDiskABatchAnswersItsRepeatsAndRefusesTheRest) {
    const std::string known = action(R"(,"id":"known")");
    const std::string sealed = action(R"(,"id":"sealed","details":{"note":"words"})");
    ASSERT_EQ(desk.post("/api/audit", "[" + known + "," + sealed + "]").status, 200);
    desk.fill_disk();
    const std::string fresh = action(R"(,"id":"fresh")");
    const std::string stranger =
        action(R"(,"id":"s","conversationId":"of-nobody","details":{"note":"words"})");
    const Answer answer = desk.post("/api/audit", "[" + known + "," + fresh + "," + sealed + "," +
                                                      stranger + R"(,{"action":7}])");
    EXPECT_EQ(answer.status, 207) << answer.body;
    const auto body = object_of(answer);
    EXPECT_EQ(body.at("repeated"), 2);
    EXPECT_EQ(body.at("refused"), 3);
    const auto& results = body.at("results").as_array();
    EXPECT_EQ(results.at(0).at("outcome"), "repeated");
    EXPECT_EQ(results.at(1).at("error"), "disk_low");
    EXPECT_EQ(results.at(1).at("status"), 503);
    EXPECT_EQ(results.at(2).at("outcome"), "repeated");
    EXPECT_EQ(results.at(3).at("error"), "disk_low");
    EXPECT_EQ(results.at(4).at("status"), 400);
    const Answer nothing = desk.post("/api/audit", "[" + fresh + "," + stranger + "]");
    EXPECT_EQ(nothing.status, 503) << "none of it was taken, none of it is to blame";
    EXPECT_EQ(header_of(nothing, "Retry-After"), "1");
    const Answer lines = desk.post_lines("/api/audit", {known, fresh, stranger}, 2);
    EXPECT_EQ(lines.status, 207) << lines.body;
    EXPECT_EQ(object_of(lines).at("repeated"), 1);
    EXPECT_EQ(object_of(lines).at("refused"), 2);
}

TEST_F(AuditRoute, OfLinesNoneBehindOneThatCannotBeSealedIsTaken) {
    const auto missing = store::make_missing_vault(store::system_random());
    const std::string plain = action("");
    const std::string sealed = action(R"(,"details":{"note":"words"})");
    desk.core().vault = missing.get();
    const Answer lines = desk.post_lines("/api/audit", {plain, sealed, plain}, 3);
    EXPECT_EQ(lines.status, 207) << lines.body;
    EXPECT_EQ(object_of(lines).at("accepted"), 1);
    EXPECT_EQ(object_of(lines).at("refused"), 2);
    const Answer batch = desk.post("/api/audit", "[" + plain + "," + sealed + "," + plain + "]");
    EXPECT_EQ(object_of(batch).at("accepted"), 2) << "each of these has its own answer";
}

TEST_F(AuditRoute, AnActionMayBeOlderThanTheClocksZero) {
    const Answer answer =
        desk.post("/api/audit", action(R"(,"createdAt":"1931-05-01T12:00:00.5+02:00")"));
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto events = object_of(desk.get("/api/events?until=1970-01-01T00:00:00Z"));
    ASSERT_EQ(events.at("items").as_array().size(), 1U);
    EXPECT_EQ(events.at("items").at(0).at("occurredAt"), "1931-05-01T10:00:00.500000Z");
    const auto snapshot =
        object_of(desk.get("/api/admin/observability?wait=" +
                           std::string(object_of(answer).at("position").as_string())));
    EXPECT_EQ(snapshot.at("recentAudit").as_array().back().at("createdAt"),
              "1931-05-01T10:00:00.500000Z");
    EXPECT_EQ(snapshot.at("coreMetrics").at("auditEvents"), 0) << "it lies in no window";
}

TEST_F(AuditRoute, ALineOverItsLimitIsRefusedAndTheRestGoesOn) {
    const std::string large(256 * 1024, 'x');
    const auto body = object_of(desk.post_lines(
        "/api/audit", {action(R"(,"details":{"n":")" + large + R"("})"), action()}, 10));
    EXPECT_EQ(body.at("accepted"), 1);
    EXPECT_EQ(body.at("results").at(0).at("error"), "line_too_long");
    EXPECT_EQ(body.at("results").at(0).at("status"), 413);
}

TEST_F(AuditRoute, ATokenOfOneAccountWritesForThatAccount) {
    ASSERT_EQ(desk.ask({.method = Method::post,
                        .target = "/api/audit",
                        .body = action(),
                        .role = Role::ingest,
                        .account = "acme"})
                  .status,
              201);
    EXPECT_EQ(object_of(desk.get("/api/events?account=acme")).at("items").as_array().size(), 1U);
}

}  // namespace audit_route_test
