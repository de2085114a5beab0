// What a reader of the live stream sees: every filter of the list, all that matches however far off
// it lies, and a place to go on from at any time.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <future>
#include <thread>

#include "api/answers.hpp"
#include "api/queries/limits.hpp"
#include "tests/api/route_desk.hpp"

namespace live_reading_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;

constexpr std::int64_t kComment = 16'000'000;

struct Seen {
    std::vector<std::string> ids;  // of events
    std::string last_id;           // of anything
    std::size_t comments = 0;
    bool has_ended = false;
};

/// Takes one server-sent event apart.
void take_block(std::string_view block, Seen& seen) {
    std::string id;
    bool has_data = false;
    while (!block.empty()) {
        const auto line = block.substr(0, block.find('\n'));
        if (line.starts_with("id: ")) id = line.substr(4);
        if (line.starts_with("data: ")) has_data = true;
        if (line.starts_with(":")) ++seen.comments;
        block.remove_prefix(std::min(line.size() + 1, block.size()));
    }
    if (!id.empty()) seen.last_id = id;
    if (has_data) seen.ids.push_back(id);
}

void take(std::string_view piece, Seen& seen) {
    while (!piece.empty()) {
        const auto end = piece.find("\n\n");
        ASSERT_NE(end, std::string_view::npos) << "a piece holds whole events";
        take_block(piece.substr(0, end + 1), seen);
        piece.remove_prefix(end + 2);
    }
}

class LiveReading : public ::testing::Test {
  protected:
    std::shared_ptr<BodySource> open(
        const std::string& query, std::vector<std::pair<std::string, std::string>> headers = {}) {
        const Answer answer =
            desk.ask({.target = "/api/events/live" + query, .headers = std::move(headers)});
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.source;
    }
    /// Until so many events came.
    static Seen read(BodySource& source, std::size_t events) {
        Seen seen;
        while (seen.ids.size() < events) {
            const auto piece = next_piece(source);
            seen.has_ended = !piece;
            if (!piece) break;
            take(*piece, seen);
        }
        return seen;
    }
    void write(const std::string& actions) {
        const Answer answer = desk.post("/api/audit", actions);
        ASSERT_TRUE(answer.status == 200 || answer.status == 201) << answer.body;
    }
    void write_noise(std::size_t count) {
        for (std::size_t batch = 0; batch * 1'000 < count; ++batch) {
            std::string items;
            for (std::size_t i = 0; i < std::min<std::size_t>(1'000, count - batch * 1'000); ++i)
                items += std::string(items.empty() ? "" : ",") +
                         R"({"action":"noise","entityType":"e","entityId":"1"})";
            write("[" + items + "]");
        }
    }
    std::vector<std::string> listed(const std::string& query) {
        std::vector<std::string> positions;
        const auto page =
            object_of(desk.get("/api/events?order=asc&limit=1000&cursor=0:0" + query));
        for (const auto& item : page.at("items").as_array())
            positions.emplace_back(item.at("position").as_string());
        return positions;
    }
    std::string head_cursor() {
        return cursor_of(desk.core(), {0, desk.core().ledger->head(0).next_ordinal - 1});
    }

    RouteDesk desk;
};

TEST_F(LiveReading, TakesEveryFilterOfTheList) {
    for (int i = 0; i < 60; ++i) {
        const auto is = [i](int n) { return std::to_string(i % n); };
        write(R"({"action":"a)" + is(2) + R"(","entityType":"e","entityId":")" + is(7) +
              R"(","actorType":"agent","actorId":"agent-)" + is(3) + R"(","platform":"p)" + is(4) +
              R"(","conversationId":"c-)" + is(5) + R"(","cohort":")" +
              (i % 3 == 0 ? "canary" : "full") + R"(","release":"r)" + is(2) +
              R"(","createdAt":"2025-11-25T16:)" + (i < 10 ? "0" : "") + std::to_string(i) +
              R"(:00Z"})");
    }
    for (const char* filter :
         {"&action=a1", "&action=a0&action=a1", "&actor=agent-2", "&platform=p3",
          "&conversation=c-4", "&cohort=canary", "&cohort=none", "&release=r1",
          "&platform=p1&conversation=c-1", "&type=audit_action_recorded",
          "&since=2025-11-25T16:20:00Z", "&until=2025-11-25T16:20:00Z&action=a1", "&from=0:20",
          "&to=0:20", "&from=0:10&to=0:30", "&from=2020-01-01T00:00:00Z", "&action=none-such"}) {
        const auto wanted = listed(filter);
        const auto source = open(std::string("?cursor=0:0") + filter);
        EXPECT_EQ(read(*source, wanted.size()).ids, wanted) << filter;
    }
    EXPECT_EQ(listed("&cohort=canary").size(), 20U);
    EXPECT_GE(listed("&conversation=c-4").size(), 12U);
}

TEST_F(LiveReading, AClientThatSawNothingYetGoesOnWhereItCameIn) {
    const auto source = open("");
    Seen seen;
    take(*next_piece(*source), seen);
    EXPECT_EQ(seen.last_id, head_cursor());
    const std::uint64_t came_in = desk.core().ledger->head(0).next_ordinal;
    write_noise(3);  // while its connection is broken
    const auto again = open("", {{"last-event-id", seen.last_id}});
    EXPECT_EQ(read(*again, 3).ids.front(), cursor_of(desk.core(), {0, came_in}));
}

TEST_F(LiveReading, CommentsCarryThePlaceOfAClientThatSeesNothing) {
    const auto source = open("?action=never");
    write_noise(5);
    Seen seen;
    take(*next_piece(*source), seen);
    for (int tries = 0; tries < 200 && seen.last_id != head_cursor(); ++tries) {
        auto piece = std::async(std::launch::async, [&source] { return next_piece(*source); });
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it reads on meanwhile
        desk.clock().pass(kComment);
        take(*piece.get(), seen);
    }
    EXPECT_EQ(seen.last_id, head_cursor());
    EXPECT_GE(seen.comments, 1U);
    EXPECT_TRUE(seen.ids.empty());
}

TEST_F(LiveReading, FindsTheNeedleBehindManyStretchesOfHay) {
    write_noise(3 * limits::kLiveScanEvents / 2);
    write(R"({"action":"needle","entityType":"e","entityId":"1","platform":"needle"})");
    for (const char* query : {"?cursor=0:0&platform=needle", "?cursor=0:0&action=needle",
                              "?cursor=0:0&platform=needle&since=2025-11-01T00:00:00Z"})
        EXPECT_EQ(read(*open(query), 1).ids, std::vector<std::string>{head_cursor()}) << query;
}

TEST_F(LiveReading, APieceEndsAfterItsBytesHoweverFewEventsItHas) {
    std::string items;
    for (int i = 0; i < 12; ++i)
        items += std::string(items.empty() ? "" : ",") +
                 R"({"action":"large","entityType":"e","entityId":"1","details":{"text":")" +
                 std::string(200'000, 'x') + R"("}})";
    write("[" + items + "]");
    const auto source = open("?cursor=0:0&action=large");
    Seen seen;
    while (seen.ids.size() < 12) {
        const auto piece = next_piece(*source);
        ASSERT_TRUE(piece);
        EXPECT_LE(piece->size(), limits::kLivePieceBytes + 300'000);
        take(*piece, seen);
    }
    EXPECT_EQ(seen.ids, listed("&action=large"));
}

TEST_F(LiveReading, KnowsAPersonWhoWasAStrangerWhenItOpened) {
    const auto source = open("?conversation=whatsapp:16505551234");
    write_noise(1);
    const store::NativeSubject native{"person", "whatsapp", "16505551234"};
    const auto subject = desk.core().vault->subjects_for({&native, 1});
    ASSERT_TRUE(subject);
    write(R"({"action":"greeted","entityType":"e","entityId":"1","conversationId":")" +
          domain::to_text(subject->front()) + R"("})");
    EXPECT_EQ(read(*source, 1).ids, std::vector<std::string>{head_cursor()});
}

TEST_F(LiveReading, AnUpperBoundInTimeMayLieAhead) {
    const auto source = open("?to=2025-11-25T18:00:00Z");
    write_noise(2);
    EXPECT_EQ(read(*source, 2).ids.back(), head_cursor());
    const auto over = open("?to=0:1");
    write_noise(1);
    desk.clock().pass(kComment);
    EXPECT_TRUE(next_piece(*over)->starts_with("retry: ")) << "it stays open, with nothing to tell";
    desk.clock().pass(kComment);
    EXPECT_TRUE(next_piece(*over)->starts_with(":"));
}

}  // namespace live_reading_test
