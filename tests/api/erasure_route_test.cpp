// POST /api/subjects/erase without a socket: who is meant, who may, what a repeat says.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <future>

#include "api/erasures/person.hpp"
#include "store/backup/erasure_list.hpp"
#include "store/directory/backup_places.hpp"
#include "tests/api/route_desk.hpp"

namespace erasure_route_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;
using Natives = std::vector<store::NativeSubject>;

Natives natives(std::string_view text) {
    const auto name = read_person(text);
    EXPECT_TRUE(name) << text;
    return name ? name->natives : Natives{};
}

TEST(PersonName, IsAPersonOfAPlatformWithOrWithoutTheAccount) {
    EXPECT_EQ(natives("whatsapp:1650"), (Natives{{"person", "whatsapp", "1650"}}));
    EXPECT_EQ(natives("slack:team:U1"),
              (Natives{{"person", "slack", "team:U1"}, {"person", "slack", "U1"}}));
}

TEST(PersonName, IsTakenAsThePlatformWritesItHoweverPeopleDo) {
    const Natives number{{"person", "whatsapp", "16505551234"}};
    EXPECT_EQ(natives("whatsapp:+1 (650) 555-1234"), number);
    EXPECT_EQ(natives("whatsapp:+16505551234"), number);
    EXPECT_EQ(natives("whatsapp:US.1349.x"), (Natives{{"person", "whatsapp", "US.1349.x"}}));
    EXPECT_EQ(natives("telegram:bot:-77"), (Natives{{"person", "telegram", "-77"}}));
}

TEST(PersonName, IsTheSubjectOfAConversationOrAnEntity) {
    EXPECT_EQ(natives("conversation:roomies:c-3"), (Natives{{"conversation", "roomies", "c-3"}}));
    EXPECT_EQ(natives("conversation::c-3"), (Natives{{"conversation", "", "c-3"}}));
    EXPECT_EQ(natives("entity:ext:ext//sensor"), (Natives{{"entity", "ext", "ext//sensor"}}));
    EXPECT_EQ(natives("entity:a:b:c"), (Natives{{"entity", "a", "b:c"}, {"entity", "a:b", "c"}}));
}

TEST(PersonName, IsASubjectId) {
    const auto name = read_person("p_000102030405060708090a0b0c0d0e0f");
    ASSERT_TRUE(name);
    EXPECT_TRUE(name->subject.has_value());
}

TEST(PersonName, RefusesTheRest) {
    for (const std::string& text :
         {std::string(), std::string("somebody"), std::string("whatsapp:"), std::string("entity:a"),
          std::string("telegram:@alice"), std::string("telegram:alice"), std::string("slack:<@U1>"),
          std::string("whatsapp:+one"), std::string("email:a@b"),
          "whatsapp:" + std::string(600, '1'), std::string("slack:U\n1")})
        EXPECT_EQ(read_person(text).error().code, "invalid_person") << text;
}

constexpr const char* kAction =
    R"({"id":"a1","actorType":"worker","actorId":"w","entityType":"conversation","entityId":"c-3",)"
    R"("action":"ai_reply_error","details":{"platform":"roomies","note":"her own words"}})";

Answer erase(RouteDesk& desk, const std::string& body,
             std::vector<std::pair<std::string, std::string>> headers = {}) {
    return desk.ask({.method = Method::post,
                     .target = "/api/subjects/erase",
                     .body = body,
                     .headers = std::move(headers)});
}

constexpr const char* kErase = R"({"person":"conversation:roomies:c-3","reason":"asked for it"})";

TEST(EraseRoute, ErasesTheSubjectOfServicesActions) {
    RouteDesk desk;
    ASSERT_EQ(desk.post("/api/audit", kAction).status, 201);
    EXPECT_NE(body_of(desk.get("/api/events")).find("her own words"), std::string::npos);
    const Answer erased = erase(desk, kErase);
    ASSERT_EQ(erased.status, 200) << erased.body;
    const auto object = object_of(erased);
    EXPECT_EQ(object.at("keys"), 1);
    EXPECT_EQ(object.at("alreadyErased"), false);
    EXPECT_EQ(header_of(erased, "Decklog-Position"), object.at("position").as_string());
    const std::string events = body_of(desk.get("/api/events"));
    EXPECT_EQ(events.find("her own words"), std::string::npos);
    EXPECT_NE(events.find("[erased]"), std::string::npos);
    EXPECT_NE(events.find("asked for it"), std::string::npos) << "the reason is kept";
    EXPECT_EQ(erase(desk, kErase).status, 404);
}

TEST(EraseRoute, AnActionThatIsSentAgainMakesNobodyNew) {
    RouteDesk desk;
    ASSERT_EQ(desk.post("/api/audit", kAction).status, 201);
    ASSERT_EQ(erase(desk, kErase).status, 200);
    const std::uint64_t before = desk.core().ledger->head(0).next_ordinal;
    const Answer again = desk.post("/api/audit", kAction);
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
    std::string other(kAction);
    other.replace(other.find("her own"), 3, "his");
    EXPECT_EQ(desk.post("/api/audit", other).status, 409);
    EXPECT_EQ(desk.core().ledger->head(0).next_ordinal, before);
    EXPECT_EQ(*desk.core().vault->find_subject({"conversation", "roomies", "c-3"}), std::nullopt);
}

TEST(EraseRoute, AnActionThatIsSentAgainDuringTheErasureMakesNobodyNew) {
    RouteDesk desk;
    ASSERT_EQ(desk.post("/api/audit", kAction).status, 201);
    const store::NativeSubject native{"conversation", "roomies", "c-3"};
    store::Vault& vault = *desk.core().vault;
    auto hold = *vault.hold(**vault.find_subject(native), std::chrono::seconds(2));
    auto again = std::async(std::launch::async, [&] { return desk.post("/api/audit", kAction); });
    EXPECT_EQ(again.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
    ASSERT_TRUE(hold->destroy());
    hold.reset();
    const Answer answer = again.get();
    EXPECT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(header_of(answer, "Idempotent-Replayed"), "true");
    EXPECT_EQ(*vault.find_subject(native), std::nullopt);
}

TEST(EraseRoute, ARepeatUnderItsKeySaysTheSameThoughNobodyIsKnownAnyMore) {
    RouteDesk desk;
    ASSERT_EQ(desk.post("/api/audit", kAction).status, 201);
    const Answer first = erase(desk, kErase, {{"idempotency-key", "k1"}});
    ASSERT_EQ(first.status, 200) << first.body;
    const Answer second = erase(desk, kErase, {{"idempotency-key", "k1"}});
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(header_of(second, "Idempotent-Replayed"), "true");
    const Answer other = erase(desk, R"({"person":"conversation:roomies:c-3","reason":"another"})",
                               {{"idempotency-key", "k1"}});
    EXPECT_EQ(other.status, 409) << other.body;
    EXPECT_EQ(erase(desk, kErase, {{"idempotency-key", "k2"}}).status, 404);
}

/// A place of backups: a directory with a list.
std::filesystem::path mounted(const RouteDesk& desk, const char* name) {
    const auto place = desk.root() / name;
    std::filesystem::create_directories(place);
    EXPECT_TRUE(store::create_erasure_list(store::erasure_list_in(place)));
    return place;
}

TEST(EraseRoute, SaysWhichPlaceIsOutOfReachAndIsFinishedByItsRepeat) {
    RouteDesk desk;
    const auto here = mounted(desk, "here");
    for (const auto& place : {here, desk.root() / "gone"})
        ASSERT_TRUE(store::remember_place(desk.root(), place));
    ASSERT_EQ(desk.post("/api/audit", kAction).status, 201);
    const std::vector<std::pair<std::string, std::string>> key{{"idempotency-key", "k1"}};
    const auto expect_unfinished = [&](const Answer& answer) {
        EXPECT_EQ(answer.status, 503) << answer.body;
        EXPECT_EQ(token_of(answer, "error"), "\"erasure_unfinished\"");
        EXPECT_NE(answer.body.find("gone/erasures"), std::string::npos) << answer.body;
        EXPECT_EQ(answer.body.find("here/erasures"), std::string::npos) << answer.body;
    };
    const Answer first = erase(desk, kErase, key);
    expect_unfinished(first);
    const std::string subject = first.body.substr(first.body.find("p_"), 34);
    expect_unfinished(erase(desk, kErase, key));
    expect_unfinished(erase(desk, kErase));
    expect_unfinished(erase(desk, R"({"person":")" + subject + R"(","reason":"again"})"));
    EXPECT_EQ(desk.core().erasures->status().unfinished, 1U);
    EXPECT_EQ(store::read_erasures(store::erasure_list_in(here)).value().size(), 1U);

    const auto gone = mounted(desk, "gone");
    const Answer repeated = erase(desk, kErase, key);
    ASSERT_EQ(repeated.status, 200) << repeated.body;
    EXPECT_EQ(object_of(repeated).at("subject").as_string(), subject);
    EXPECT_EQ(object_of(repeated).at("alreadyErased"), false);
    const auto listed = store::read_erasures(store::erasure_list_in(gone)).value();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(domain::to_text(listed[0].subject), subject);
    EXPECT_EQ(desk.core().erasures->status().unfinished, 0U);
    EXPECT_EQ(desk.core().erasures->status().problem, "");
}

TEST(EraseRoute, APlaceThatIsStruckOutIsNotAskedAnyMore) {
    RouteDesk desk;
    const auto here = mounted(desk, "here");
    for (const auto& place : {here, desk.root() / "gone"})
        ASSERT_TRUE(store::remember_place(desk.root(), place));
    ASSERT_EQ(desk.post("/api/audit", kAction).status, 201);
    ASSERT_EQ(erase(desk, kErase).status, 503);
    // As the runbook says: the line of the place leaves the file `backups`.
    std::ofstream(desk.root() / "backups") << "places 1\n" << here.string() << "\n";
    EXPECT_EQ(erase(desk, kErase).status, 404) << "finished, and nobody by this name any more";
    EXPECT_EQ(desk.core().erasures->status().unfinished, 0U);
}

TEST(EraseRoute, ADryRunCommitsNothingAndNeedsNoReason) {
    RouteDesk desk;
    ASSERT_EQ(desk.post("/api/audit", kAction).status, 201);
    const std::uint64_t before = desk.core().ledger->head(0).next_ordinal;
    const Answer dry = erase(desk, R"({"person":"conversation:roomies:c-3","dryRun":true})");
    ASSERT_EQ(dry.status, 200) << dry.body;
    EXPECT_EQ(object_of(dry).at("events"), 1);
    EXPECT_EQ(object_of(dry).at("streams"), 1);
    EXPECT_EQ(object_of(dry).at("rawBodies"), 0);
    EXPECT_EQ(desk.core().ledger->head(0).next_ordinal, before);
}

TEST(EraseRoute, AnswersInLinesToWhoAsksForThem) {
    RouteDesk desk;
    ASSERT_EQ(desk.post("/api/audit", kAction).status, 201);
    const Answer answer = erase(desk, kErase, {{"accept", "application/x-ndjson"}});
    const std::string body = body_of(answer);
    EXPECT_NE(body.find("\"ok\":true"), std::string::npos) << body;
    const Answer nobody = erase(desk, kErase, {{"accept", "application/x-ndjson"}});
    EXPECT_NE(body_of(nobody).find("\"ok\":false,\"error\":\"not_found\""), std::string::npos);
}

TEST(EraseRoute, NamesTheFieldItRefuses) {
    RouteDesk desk;
    const auto field = [&desk](const std::string& body) {
        const Answer answer = erase(desk, body);
        EXPECT_EQ(answer.status, 400) << answer.body;
        return std::string(object_of(answer).at("field").as_string());
    };
    EXPECT_EQ(field(R"({"person":"x","reason":"r"})"), "person");
    EXPECT_EQ(field(R"({"person":"slack:U1"})"), "reason");
    EXPECT_EQ(field(R"({"person":"slack:U1","reason":"because U1 asked"})"), "reason");
    EXPECT_EQ(field(R"({"person":"slack:U1","reason":"r","dryRun":1})"), "dryRun");
    EXPECT_EQ(field(R"({"person":"slack:U1","reason":"r","why":"r"})"), "why");
}

TEST(EraseRoute, TakesNeitherOfTwoValuesUnderOneKey) {
    RouteDesk desk;
    const Answer refused =
        desk.post("/api/subjects/erase",
                  R"({"person":"telegram:1","reason":"r","dryRun":true,"dryRun":false})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(token_of(refused, "error"), "\"duplicate_key\"");
}

}  // namespace erasure_route_test
