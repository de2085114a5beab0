// GET /api/admin/export: every frame as it stands, the filters of events, a prefix that does not
// grow, and sealed parts that open only after the log says so. The replay of a view says so too.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "domain/base64.hpp"
#include "domain/fact.hpp"
#include "domain/payload.hpp"
#include "store/frame/frame.hpp"
#include "tests/api/route_desk.hpp"

namespace export_route_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;
using boost::json::object;

std::vector<object> lines_of(const std::string& body) {
    std::vector<object> lines;
    for (std::size_t begin = 0; begin < body.size();) {
        const std::size_t end = body.find('\n', begin);
        const std::string line = body.substr(begin, end - begin);
        if (!line.empty()) lines.push_back(boost::json::parse(line).as_object());
        begin = end + 1;
    }
    return lines;
}

std::vector<store::FramePtr> frames_of(const store::LogReader& log) {
    std::vector<store::FramePtr> frames;
    EXPECT_TRUE(log.read({0, 0}, [&frames](const store::FramePtr& frame) {
        frames.push_back(frame);
        return true;
    }));
    return frames;
}

class ExportRoute : public ::testing::Test {
  protected:
    void SetUp() override {
        for (int i = 0; i < 12; ++i) act(i, i % 3 == 0);
    }
    void act(int number, bool is_personal) {
        object details{{"platform", "roomies"}};
        if (is_personal) details["note"] = "text " + std::to_string(number);
        const object action{{"action", "ai_reply_created"},
                            {"actorType", "agent"},
                            {"actorId", "agent-" + std::to_string(number % 2)},
                            {"entityType", "conversation"},
                            {"entityId", "c-" + std::to_string(number % 4)},
                            {"details", details}};
        ASSERT_EQ(desk.post("/api/audit", boost::json::serialize(action)).status, 201);
        desk.clock().pass(1'000'000);
    }
    std::vector<object> exported(const std::string& query = {}) {
        const Answer answer = desk.get("/api/admin/export" + query, Role::operator_);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.content_type, "application/x-ndjson");
        return lines_of(body_of(answer));
    }
    /// The newest PersonalDataRead; its payload and its position.
    std::optional<fb::PersonalDataReadT> newest_reading() {
        const auto frame = frames_of(*desk.core().ledger).back();
        const domain::EventView event = frame->event(0);
        if (!event.is(domain::EventType::personal_data_read)) return std::nullopt;
        return domain::decode_payload<fb::PersonalDataRead>(
            {event.payload_data(), event.payload_size()});
    }
    RouteDesk desk;
};

TEST_F(ExportRoute, GivesEveryFrameAsItStands) {
    const auto lines = exported();
    const store::Head head = desk.core().ledger->head(0);
    ASSERT_EQ(lines.size(), head.next_ordinal + 2);
    const object& begin = lines.front();
    EXPECT_EQ(begin.at("export"), "begin");
    EXPECT_EQ(begin.at("format"), 1);
    EXPECT_EQ(begin.at("full"), true);
    EXPECT_EQ(begin.at("ledger").as_string(),
              domain::to_hex(desk.core().ledger->ledger_id().bytes));
    EXPECT_EQ(begin.at("chain").as_string(), domain::to_hex(head.chain));
    EXPECT_EQ(begin.at("events").to_number<std::uint64_t>(), head.next_ordinal);
    std::size_t at = 1;
    for (const auto& frame : frames_of(*desk.core().ledger)) {
        const auto bytes = domain::from_base64(std::string(lines[at].at("frame").as_string()));
        ASSERT_TRUE(bytes.has_value());
        EXPECT_TRUE(
            std::equal(bytes->begin(), bytes->end(), frame->bytes().begin(), frame->bytes().end()));
        for (std::size_t i = 1; i < frame->event_count(); ++i)
            EXPECT_FALSE(lines[at + i].contains("frame"));
        at += frame->event_count();
    }
    EXPECT_EQ(lines.back().at("export"), "end");
    EXPECT_EQ(lines.back().at("events").to_number<std::uint64_t>(), head.next_ordinal);
}

TEST_F(ExportRoute, EventsAreThoseOfEveryOtherAnswer) {
    auto lines = exported();
    const auto items = object_of(desk.get("/api/events?limit=1000", Role::viewer)).at("items");
    ASSERT_EQ(lines.size(), items.as_array().size() + 2);
    for (std::size_t i = 0; i < items.as_array().size(); ++i) {
        object& event = lines[i + 1];
        event.erase("frame");
        EXPECT_EQ(boost::json::serialize(event), boost::json::serialize(items.as_array()[i]));
    }
}

TEST_F(ExportRoute, WithFiltersItIsNoLongerFull) {
    const auto lines = exported("?conversation=c-1&actor=agent-1");
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_EQ(lines.front().at("full"), false);
    EXPECT_FALSE(lines.front().contains("events"));
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        EXPECT_EQ(lines[i].at("conversation"), "c-1");
        EXPECT_FALSE(lines[i].contains("frame"));
    }
    EXPECT_EQ(exported("?from=0:3&to=0:5").size(), 5U);
    EXPECT_EQ(exported("?platform=nobody").size(), 2U);
    EXPECT_EQ(desk.get("/api/admin/export?colour=red").status, 400);
    EXPECT_EQ(desk.get("/api/admin/export?personal=perhaps").status, 400);
    EXPECT_EQ(desk.get("/api/admin/export?cursor=0:1").status, 400) << "nothing is paged here";
}

TEST_F(ExportRoute, EndsWhereTheLogEndedAtTheStart) {
    const Answer answer = desk.get("/api/admin/export");
    const std::uint64_t before = desk.core().ledger->head(0).next_ordinal;
    std::string body = next_piece(*answer.source).value();
    act(99, true);
    while (auto piece = next_piece(*answer.source)) body += *piece;
    EXPECT_EQ(lines_of(body).size(), before + 2);
}

TEST_F(ExportRoute, SealedPartsStaySealedUnlessAskedFor) {
    const std::uint64_t before = desk.core().ledger->head(0).next_ordinal;
    const Answer answer = desk.get("/api/admin/export");
    const std::string body = body_of(answer);
    EXPECT_NE(body.find("[sealed]"), std::string::npos);
    EXPECT_EQ(body.find("text 3"), std::string::npos);
    EXPECT_EQ(desk.core().ledger->head(0).next_ordinal, before) << "nothing was read";
}

TEST_F(ExportRoute, RecordsWhoReadHowMuch) {
    const auto lines = exported("?personal=true");
    const auto reading = newest_reading();
    ASSERT_TRUE(reading.has_value());
    EXPECT_EQ(reading->by, "token:tester");
    EXPECT_EQ(reading->filter, "export");
    EXPECT_EQ(reading->count, 4U);
    EXPECT_EQ(lines.back().at("opened"), 4);
    EXPECT_EQ(lines[1].contains("frame"), true) << "the frames still come along";
    std::size_t opened = 0;
    for (const object& line : lines)
        opened += line.contains("personal") && line.at("personal").is_object() ? 1U : 0U;
    EXPECT_EQ(opened, 4U);
}

TEST_F(ExportRoute, RecordsTheFilterByWhatTheLogHolds) {
    static_cast<void>(
        exported("?personal=true&conversation=c-0&conversation=whatsapp:16505550000"
                 "&actor=agent-0&actor=16505550001&from=0:1&to=0:12"));
    const auto reading = newest_reading();
    ASSERT_TRUE(reading.has_value());
    EXPECT_EQ(reading->filter, "export conversation=c-0&actor=agent-0&from=0:1&to=0:12")
        << "a number that nobody here knows must not stand in the log";
}

TEST_F(ExportRoute, PeopleStandAsSubjectsInTheRecord) {
    const store::NativeSubject person{"person", "whatsapp", "16505551234"};
    const auto subject = desk.core().vault->subjects_for({&person, 1}).value().front();
    domain::NewEvent event;
    event.type = domain::EventType::message_received;
    event.stream = "room/whatsapp/default/" + domain::to_text(subject);
    event.conversation = domain::to_text(subject);
    event.platform = "whatsapp";
    event.subject = subject;
    fb::PersonalT personal;
    personal.text = "hello";
    event.sealed = desk.core().vault->seal(subject, domain::encode_payload(personal)).value();
    std::vector<store::Submission> submissions(1);
    submissions.front().intent = domain::fact("record", event);
    ASSERT_TRUE(store::submit_and_wait(*desk.core().ledger, 0, std::move(submissions)).front());
    static_cast<void>(exported("?personal=true&conversation=whatsapp:16505551234"));
    const auto reading = newest_reading();
    ASSERT_TRUE(reading.has_value());
    EXPECT_EQ(reading->filter, "export conversation=" + domain::to_text(subject));
    EXPECT_EQ(reading->count, 1U);
}

TEST_F(ExportRoute, RecordsNothingWhenNothingOpens) {
    const std::uint64_t before = desk.core().ledger->head(0).next_ordinal;
    EXPECT_EQ(exported("?personal=true&conversation=c-nowhere").size(), 2U);
    EXPECT_EQ(desk.core().ledger->head(0).next_ordinal, before);
}

TEST_F(ExportRoute, HandsOutNothingThatItCannotRecord) {
    desk.core().ledger->stop();
    const auto lines = exported("?personal=true");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines.back().at("export"), "failed");
    EXPECT_EQ(lines.back().at("error"), "stopping");
    EXPECT_GT(exported().size(), 12U) << "what is sealed needs no record";
}

TEST_F(ExportRoute, AReaderThatLeavesEndsTheWork) {
    for (int i = 0; i < 40; ++i) {
        Answer answer = desk.get("/api/admin/export?personal=true");
        static_cast<void>(next_piece(*answer.source));
        answer.source.reset();
    }
}

}  // namespace export_route_test
