// The observability snapshot, rooms, replayed views, verify and rebuild as users see them.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <optional>

#include "api/answers.hpp"
#include "api/queries/job_source.hpp"
#include "domain/fact.hpp"
#include "domain/payload.hpp"
#include "tests/api/route_desk.hpp"

namespace snapshot_routes_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;

std::string waiting(RouteDesk& desk) {
    return "wait=" + cursor_of(desk.core(), {0, desk.core().ledger->head(0).next_ordinal - 1});
}

class Snapshot : public ::testing::Test {
  protected:
    Answer observe(const std::string& query = {}) {
        return desk.get("/api/admin/observability?" + waiting(desk) +
                        (query.empty() ? "" : "&" + query));
    }
    RouteDesk desk;
};

TEST_F(Snapshot, HasTheShapeThatTheOperationsToolsKnow) {
    const Answer answer = observe();
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store");
    const auto body = object_of(answer);
    std::vector<std::string> keys;
    for (const auto& member : body) keys.emplace_back(member.key());
    EXPECT_EQ(keys, (std::vector<std::string>{"windowHours", "coreMetrics", "signals",
                                              "recentErrors", "recentAudit", "asOf"}));
    EXPECT_EQ(body.at("coreMetrics").as_object().size(), 18U);
    EXPECT_EQ(body.at("signals").as_object().size(), 7U);
    EXPECT_EQ(body.at("windowHours"), 24);
}

TEST_F(Snapshot, ClampsNumbersAndIgnoresWhatIsNone) {
    EXPECT_EQ(object_of(observe("windowHours=0")).at("windowHours"), 1);
    EXPECT_EQ(object_of(observe("windowHours=9999999999999999999999")).at("windowHours"), 168);
    EXPECT_EQ(object_of(observe("windowHours=bad")).at("windowHours"), 24);
    EXPECT_EQ(object_of(observe("windowHours=24.5")).at("windowHours"), 24);
    EXPECT_EQ(object_of(observe("windowHours=")).at("windowHours"), 24);
}

TEST_F(Snapshot, RecentAuditComesBackAsItCame) {
    const std::string details = R"({"zeta":1.10,"alpha":[1E2,{"b":1,"a":2}],"error":"Jane"})";
    ASSERT_EQ(
        desk.post("/api/audit",
                  R"({"id":77.50,"action":"ai_reply_error","actorType":"worker","actorId":null,
        "entityType":"message","entityId":"m-1","createdAt":"2025-11-25T16:00:00.000001Z","details":)" +
                      details + "}")
            .status,
        201);
    ASSERT_EQ(desk.post("/api/audit",
                        R"({"id":"text","action":"user_invited","actorType":"user","actorId":"u-1",
        "entityType":"user_invitation","entityId":"i-1","createdAt":"2025-11-25T16:30:00Z"})")
                  .status,
              201);
    const Answer answer = observe();
    EXPECT_NE(
        answer.body.find(
            R"("recentErrors":[{"id":77.50,"actorType":"worker","actorId":null,"entityType":"message",)"
            R"("entityId":"m-1","action":"ai_reply_error","details":)" +
            details + R"(,"createdAt":"2025-11-25T16:00:00.000001Z"}])"),
        std::string::npos)
        << answer.body;
    const auto recent = object_of(answer).at("recentAudit").as_array();
    ASSERT_EQ(recent.size(), 2U);
    EXPECT_EQ(recent[0].at("id"), "text");
    EXPECT_EQ(recent[0].at("actorId"), "u-1");
    EXPECT_TRUE(recent[0].at("details").is_null());
    EXPECT_EQ(object_of(observe("auditLimit=1")).at("recentAudit").as_array().size(), 1U);
    EXPECT_EQ(object_of(answer).at("coreMetrics").at("auditEvents"), 2);
}

/// A chat message as the webhooks file it.
void receive(RouteDesk& desk, const std::string& conversation, bool direct, const std::string& id,
             const std::string& text) {
    store::Vault& vault = *desk.core().vault;
    const store::NativeSubject author[] = {{"person", "telegram", "4711"}};
    const auto subject = vault.subjects_for(author)->front();
    domain::NewEvent event;
    event.type = domain::EventType::message_received;
    event.conversation = direct ? domain::to_text(subject) : conversation;
    event.stream = "room/telegram/default/" + event.conversation;
    event.occurred_at_us = desk.clock().now_us();
    event.actor = {"person", domain::to_text(subject)};
    event.recorded_by = "hook:telegram:default";
    event.platform = "telegram";
    event.account = "default";
    event.subject = subject;
    fb::MessageReceivedT payload;
    payload.message_id = id;
    payload.room_direct = direct;
    payload.content_kind = "text";
    event.payload = domain::encode_payload(payload);
    fb::PersonalT personal;
    personal.display_name = "Ada L";
    personal.text = text;
    event.sealed = *vault.seal(subject, domain::encode_payload(personal));
    std::vector<store::Submission> submissions(1);
    submissions.front().intent = domain::fact("record_message", event);
    ASSERT_TRUE(store::submit_and_wait(*desk.core().ledger, 0, std::move(submissions)).front());
    desk.clock().pass(1'000'000);
}

class Rooms : public ::testing::Test {
  protected:
    void SetUp() override {
        receive(desk, "-100123", false, "m-1", "first words");
        receive(desk, "", true, "m-2", "just between us");
        receive(desk, "-100123", false, "m-3", "last words");
    }
    RouteDesk desk;
};

TEST_F(Rooms, AreListedNewestFirstByKind) {
    const auto all = object_of(desk.get("/api/rooms?" + waiting(desk))).at("items").as_array();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].at("id"), "telegram:default:-100123");
    EXPECT_EQ(all[0].at("kind"), "room");
    EXPECT_EQ(all[0].at("messageCount"), 2);
    EXPECT_EQ(all[0].at("messages").at(0).at("text"), "last words");
    EXPECT_EQ(all[1].at("kind"), "direct");
    EXPECT_EQ(object_of(desk.get("/api/rooms?kind=direct")).at("items").as_array().size(), 1U);
    EXPECT_EQ(object_of(desk.get("/api/rooms?kind=room")).at("items").as_array().size(), 1U);
    EXPECT_EQ(desk.get("/api/rooms?kind=hall").status, 400);
    const auto first = object_of(desk.get("/api/rooms?limit=1"));
    ASSERT_TRUE(first.at("next").is_string());
    const auto second = object_of(
        desk.get("/api/rooms?limit=1&cursor=" + std::string(first.at("next").as_string())));
    EXPECT_EQ(second.at("items").at(0).at("kind"), "direct");
}

TEST_F(Rooms, TextOpensOnlyForThoseWhoMay) {
    const std::string path = "/api/rooms/telegram:default:-100123/messages?" + waiting(desk);
    const auto open = object_of(desk.get(path, Role::operator_)).at("items").as_array();
    ASSERT_EQ(open.size(), 2U);
    EXPECT_EQ(open[0].at("text"), "last words");
    EXPECT_EQ(open[1].at("text"), "first words");
    EXPECT_EQ(open[0].at("displayName"), "Ada L");
    const Answer closed = desk.get(path, Role::viewer);
    EXPECT_EQ(object_of(closed).at("items").at(0).at("text"), "[sealed]");
    EXPECT_EQ(closed.body.find("words"), std::string::npos);
    EXPECT_EQ(closed.body.find("Ada"), std::string::npos);
}

TEST_F(Rooms, APersonIsFoundByTheNativeId) {
    const std::string wait = "?" + waiting(desk);
    EXPECT_EQ(object_of(desk.get("/api/rooms/telegram:4711" + wait)).at("kind"), "direct");
    EXPECT_EQ(object_of(desk.get("/api/rooms/telegram:default:4711" + wait)).at("kind"), "direct");
    EXPECT_EQ(desk.get("/api/rooms/telegram:default:0" + wait).status, 404);
    EXPECT_EQ(object_of(desk.get("/api/rooms/telegram:default:-100123/members" + wait))
                  .at("items")
                  .as_array()
                  .size(),
              1U);
    EXPECT_EQ(object_of(desk.get("/api/rooms/telegram:default:-100123/bindings" + wait))
                  .at("items")
                  .as_array()
                  .size(),
              0U);
    EXPECT_EQ(object_of(desk.get("/api/events?actor=telegram:4711")).at("items").as_array().size(),
              3U);
    EXPECT_EQ(object_of(desk.get("/api/events?actor=4711")).at("items").as_array().size(), 3U);
    EXPECT_EQ(
        object_of(desk.get("/api/events?conversation=telegram:4711")).at("items").as_array().size(),
        1U);
    EXPECT_EQ(object_of(desk.get("/api/events?conversation=telegram:-100123"))
                  .at("items")
                  .as_array()
                  .size(),
              2U);
    EXPECT_EQ(object_of(desk.get("/api/streams/room/telegram/default/4711")).at("version"), 1);
}

TEST_F(Rooms, AViewIsReplayedToAnyPoint) {
    const auto head = object_of(desk.get("/api/views/rooms"));
    EXPECT_EQ(head.at("view"), "rooms");
    EXPECT_TRUE(head.at("next").is_null());
    EXPECT_FALSE(head.at("items").as_array().empty());
    const auto early = object_of(desk.get("/api/views/rooms?at=0:1"));
    EXPECT_EQ(text_at(early, "asOf", "position"), cursor_of(desk.core(), {0, 1}));
    EXPECT_LT(early.at("items").as_array().size(), head.at("items").as_array().size());
    const auto recorded = object_of(desk.get("/api/events?from=0:1&limit=1"))
                              .at("items")
                              .at(0)
                              .at("recordedAt")
                              .as_string();
    EXPECT_EQ(object_of(desk.get("/api/views/rooms?at=" + std::string(recorded))).at("items"),
              early.at("items"));
    EXPECT_EQ(object_of(desk.get("/api/views/rooms?to=0:1")).at("items"), early.at("items"));
    EXPECT_TRUE(object_of(desk.get("/api/views/rooms?at=1999-01-01T00:00:00Z"))
                    .at("items")
                    .as_array()
                    .empty());
    EXPECT_EQ(desk.get("/api/views/rooms?at=0:1&to=0:2").status, 400);
    EXPECT_EQ(desk.get("/api/views/nothing").status, 404);
    const std::uint64_t end = desk.core().ledger->head(0).next_ordinal;
    for (const char* name : {"at", "to", "from"}) {
        const std::string target = std::string("/api/views/rooms?") + name + "=0:";
        EXPECT_EQ(desk.get(target + std::to_string(end - 1)).status, 200) << name;
        const Answer beyond = desk.get(target + std::to_string(end));
        EXPECT_EQ(beyond.status, 400) << beyond.body;
        EXPECT_EQ(object_of(beyond).at("error"), "beyond_the_log");
        EXPECT_EQ(object_of(beyond).at("field"), name);
    }
}

TEST_F(Rooms, AReplayInLinesEndsWithWhatItReflects) {
    const Answer answer =
        desk.ask({.target = "/api/views/rooms", .headers = {{"accept", "application/x-ndjson"}}});
    EXPECT_EQ(answer.content_type, "application/x-ndjson");
    const std::string body = body_of(answer);
    ASSERT_TRUE(body.ends_with("\n"));
    std::vector<boost::json::object> lines;
    for (std::size_t begin = 0; begin < body.size();) {
        const std::size_t end = body.find('\n', begin);
        lines.push_back(boost::json::parse(body.substr(begin, end - begin)).as_object());
        begin = end + 1;
    }
    EXPECT_EQ(lines.size(),
              object_of(desk.get("/api/views/rooms")).at("items").as_array().size() + 1);
    EXPECT_EQ(lines.back().at("view"), "rooms");
    EXPECT_TRUE(lines.back().contains("asOf"));
}

boost::json::object last_line(const std::string& body) {
    const std::size_t begin = body.rfind('\n', body.size() - 2);
    return boost::json::parse(body.substr(begin == std::string::npos ? 0 : begin + 1)).as_object();
}

TEST(LongWork, VerifyEndsWithItsResult) {
    RouteDesk desk(Storage::disk);
    receive(desk, "-1", false, "m-1", "words");
    const Answer answer = desk.get("/api/admin/verify");
    EXPECT_EQ(answer.content_type, "application/x-ndjson");
    const auto result = last_line(body_of(answer));
    EXPECT_EQ(result.at("ok"), true) << boost::json::serialize(result);
    EXPECT_EQ(result.at("events"), 2);
    EXPECT_EQ(result.at("views").as_array().size(), projections::all_views().size());
    for (const auto& view : result.at("views").as_array())
        EXPECT_LE(view.at("lagEvents").to_number<int>(), 2);
}

TEST(LongWork, IsNotBegunWhileTheDiskIsNearlyFull) {
    RouteDesk desk;
    receive(desk, "-1", false, "m-1", "words");
    EXPECT_EQ(desk.get("/api/rooms?" + waiting(desk)).status, 200);
    desk.fill_disk();
    for (const char* target : {"/api/views/rooms/rebuild", "/api/views/rooms/rebuild?accept=true",
                               "/api/views/rooms/parked/retry"}) {
        const Answer answer =
            desk.ask({.method = Method::post, .target = target, .role = Role::operator_});
        EXPECT_EQ(answer.status, 503) << target;
        EXPECT_EQ(answer.error_code, "disk_low") << target;
        EXPECT_EQ(header_of(answer, "Retry-After"), "1");
    }
    const Answer backup = desk.ask({.method = Method::post,
                                    .target = "/api/admin/backup",
                                    .body = R"({"dir":"/nowhere/to/be/made"})"});
    EXPECT_EQ(backup.status, 503);
    EXPECT_EQ(backup.error_code, "disk_low");
    const Answer back = desk.ask({.method = Method::post,
                                  .target = "/api/views/rooms/rebuild?back=true",
                                  .role = Role::operator_});
    EXPECT_EQ(back.status, 200) << "it takes no room";
}

TEST(LongWork, ARebuildDemandsEqualBytesAndSaysWhereItStands) {
    RouteDesk desk;
    receive(desk, "-1", false, "m-1", "words");
    EXPECT_EQ(desk.get("/api/rooms?" + waiting(desk)).status, 200);
    const Answer answer = desk.ask(
        {.method = Method::post, .target = "/api/views/rooms/rebuild", .role = Role::operator_});
    const auto result = last_line(body_of(answer));
    EXPECT_EQ(result.at("ok"), true) << boost::json::serialize(result);
    EXPECT_EQ(result.at("view"), "rooms");
    EXPECT_EQ(result.at("tookOver"), true);
    EXPECT_EQ(result.at("before"), "rooms.v1.b1");
    EXPECT_EQ(result.at("instance"), "rooms.v1.b2");
    EXPECT_EQ(result.at("kept"), "rooms.v1.b1");
    EXPECT_EQ(result.at("rowsThatDiffer"), 0);
    EXPECT_EQ(desk.ask({.method = Method::post, .target = "/api/views/nothing/rebuild"}).status,
              404);
}

boost::json::object posted(RouteDesk& desk, std::string target) {
    return last_line(body_of(
        desk.ask({.method = Method::post, .target = std::move(target), .role = Role::operator_})));
}

TEST(LongWork, GoesBackToTheBuildBefore) {
    RouteDesk desk;
    receive(desk, "-1", false, "m-1", "words");
    const auto nothing = posted(desk, "/api/views/audit/rebuild?back=true");
    EXPECT_EQ(nothing.at("ok"), false);
    EXPECT_EQ(nothing.at("problem"), "no earlier build of audit is kept");
    EXPECT_EQ(posted(desk, "/api/views/audit/rebuild?accept=true").at("instance"), "audit.v1.b2");
    EXPECT_EQ(posted(desk, "/api/views/audit/rebuild?back=true").at("instance"), "audit.v1.b1");
    const Answer both = desk.ask({.method = Method::post,
                                  .target = "/api/views/audit/rebuild?accept=true&back=true",
                                  .role = Role::operator_});
    EXPECT_EQ(both.status, 400);
    EXPECT_EQ(object_of(both).at("field"), "back");
    EXPECT_EQ(desk.ask({.method = Method::post,
                        .target = "/api/views/audit/rebuild?sure=true",
                        .role = Role::operator_})
                  .status,
              400);
}

/// An audit action whose payload is no payload, straight into the ledger.
void poison(RouteDesk& desk) {
    domain::NewEvent event;
    event.type = domain::EventType::audit_action_recorded;
    event.stream = "ext/poison";
    event.occurred_at_us = kStartUs;
    event.action = "ai_reply_error";
    event.payload = {1, 2, 3, 4, 5, 6, 7, 8};
    store::Submission submission;
    submission.intent = domain::fact("poison", std::move(event));
    ASSERT_TRUE(store::submit_and_wait(*desk.core().ledger, 0, {submission}).front().has_value());
}

TEST(ParkedKeys, StandInEveryAnswerOfTheirViewAndInTheirList) {
    RouteDesk desk;
    EXPECT_TRUE(object_of(desk.get("/api/views/audit/parked")).at("items").as_array().empty());
    poison(desk);
    poison(desk);
    const auto list = object_of(desk.get("/api/views/audit/parked?" + waiting(desk)));
    ASSERT_EQ(list.at("items").as_array().size(), 1U) << boost::json::serialize(list);
    const auto& item = list.at("items").as_array().front().as_object();
    EXPECT_EQ(item.at("events"), 2);
    EXPECT_FALSE(item.at("reason").as_string().empty());
    for (const char* target : {"/api/audit?", "/api/admin/observability?"}) {
        const auto answer = object_of(desk.get(target + waiting(desk)));
        ASSERT_TRUE(answer.contains("parked")) << target;
        EXPECT_EQ(answer.at("parked").as_array().front(), item) << target;
        EXPECT_EQ(answer.at("parkedKeys"), 1) << target;
    }
    EXPECT_TRUE(object_of(desk.get("/api/views/audit")).contains("parked"));
    const auto retried = posted(desk, "/api/views/audit/parked/retry");
    EXPECT_EQ(retried.at("ok"), true);
    EXPECT_EQ(retried.at("tookOver"), false);
    EXPECT_TRUE(retried.at("foldsNow").as_array().empty());
    EXPECT_EQ(desk.get("/api/views/nothing/parked").status, 404);
}

TEST(Replay, OpensNothingSoThatNoReadingIsRecorded) {
    RouteDesk desk;
    receive(desk, "-1", false, "m-1", "the words of somebody");
    const std::uint64_t before = desk.core().ledger->head(0).next_ordinal;
    for (const projections::View* view : projections::all_views()) {
        const std::string target = "/api/views/" + std::string(view->name());
        const Answer document = desk.get(target);
        const Answer lines =
            desk.ask({.target = target, .headers = {{"accept", "application/x-ndjson"}}});
        for (const Answer* answer : {&document, &lines}) {
            EXPECT_EQ(answer->status, 200) << target;
            const std::string body = body_of(*answer);
            EXPECT_NE(body.find("asOf"), std::string::npos) << target << body;
            for (const char* word : {"Ada L", "the words of somebody"})
                EXPECT_EQ(body.find(word), std::string::npos) << target << body;
        }
    }
    EXPECT_EQ(desk.core().ledger->head(0).next_ordinal, before);
}

TEST(Replay, RunsAmongTheJobsAndEndsWithItsReader) {
    RouteDesk desk;
    receive(desk, "-1", false, "m-1", "words");
    std::atomic<int> jobs{0};
    const auto run = desk.core().run_blocking;
    desk.core().run_job = [&](std::function<void()> work) {
        ++jobs;
        run(std::move(work));
    };
    EXPECT_EQ(desk.get("/api/views/rooms").status, 200);
    EXPECT_EQ(jobs, 1);

    std::optional<Answer> begun;
    const Reply reply = [&begun](Answer answer) { begun = std::move(answer); };
    {
        LateBody late(reply, "application/json");
        EXPECT_TRUE(late.still_wanted());
        EXPECT_FALSE(late.has_begun());  // a quick one may still be any answer
        EXPECT_TRUE(late.put("{}"));
        ASSERT_TRUE(begun.has_value());
        EXPECT_EQ(next_piece(*begun->source), "{}");
        begun.reset();
        EXPECT_FALSE(late.put("more"));
    }
    {
        LateBody late(reply, "application/json");
        late.answer(error_answer(404, "not_found", "no"));
    }
    EXPECT_EQ(begun->status, 404);
}

}  // namespace snapshot_routes_test
