// GET /api/events/live: nothing is missed, whoever is slow; streams end when they must.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "api/answers.hpp"
#include "tests/api/route_desk.hpp"

namespace live_route_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;

constexpr std::int64_t kSecond = 1'000'000;

class LiveRoute : public ::testing::Test {
  protected:
    std::shared_ptr<BodySource> open(
        const std::string& query, std::vector<std::pair<std::string, std::string>> headers = {}) {
        const Answer answer =
            desk.ask({.target = "/api/events/live" + query, .headers = std::move(headers)});
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.content_type, "text/event-stream");
        const std::string begin = next_piece(*answer.source).value_or("ended");
        EXPECT_TRUE(begin.starts_with("retry: 2000\nid: ")) << begin;
        return answer.source;
    }
    void write(int count) {
        for (int i = 0; i < count; ++i) {
            const std::string id = std::to_string(written++);
            ASSERT_EQ(desk.post("/api/audit", R"({"action":"a)" + std::to_string(written % 2) +
                                                  R"(","entityType":"e","entityId":"1","id":"w-)" +
                                                  id + R"("})")
                          .status,
                      201);
        }
    }
    /// Reads until `count` events came; returns their ids.
    static std::vector<std::string> read(BodySource& source, std::size_t count) {
        std::vector<std::string> ids;
        while (ids.size() < count) {
            const auto piece = next_piece(source);
            if (!piece) break;
            for (std::size_t at = piece->find("id: "); at != std::string::npos;
                 at = piece->find("\nid: ", at + 1)) {
                const std::size_t begin = piece->find(' ', at) + 1;
                ids.push_back(piece->substr(begin, piece->find('\n', begin) - begin));
            }
        }
        return ids;
    }
    std::vector<std::string> cursors(std::uint64_t from, std::uint64_t count) {
        std::vector<std::string> all;
        for (std::uint64_t i = 0; i < count; ++i)
            all.push_back(cursor_of(desk.core(), {0, from + i}));
        return all;
    }
    std::uint64_t next() { return desk.core().ledger->head(0).next_ordinal; }

    int written = 0;
    RouteDesk desk;
};

TEST_F(LiveRoute, BeginsNowAndGivesWhatComes) {
    write(3);
    const auto source = open("");
    const std::uint64_t first = next();
    write(2);
    EXPECT_EQ(read(*source, 2), cursors(first, 2));
}

TEST_F(LiveRoute, GoesOnAfterTheLastEventThatWasSeen) {
    const std::uint64_t first = next();
    write(250);
    const auto from_cursor = open("?cursor=0:" + std::to_string(first - 1));
    EXPECT_EQ(read(*from_cursor, 250), cursors(first, 250));
    const auto from_header =
        open("?cursor=0:0", {{"last-event-id", cursor_of(desk.core(), {0, first + 199})}});
    EXPECT_EQ(read(*from_header, 50), cursors(first + 200, 50));
    const auto from_place = open("?from=0:" + std::to_string(first + 240));
    EXPECT_EQ(read(*from_place, 10), cursors(first + 240, 10));
}

TEST_F(LiveRoute, ASlowReaderCatchesUpWithoutLoss) {
    const auto source = open("?cursor=0:0");
    const std::uint64_t first = next();
    std::thread writer([this] { write(400); });
    std::vector<std::string> seen;
    while (seen.size() < 400) {
        for (auto& id : read(*source, 1)) seen.push_back(std::move(id));
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    writer.join();
    EXPECT_EQ(seen, cursors(first, 400));
}

TEST_F(LiveRoute, FiltersAndShowsEventsAsTheListDoes) {
    write(20);
    const auto source = open("?cursor=0:0&action=a1");
    const auto piece = next_piece(*source);
    ASSERT_TRUE(piece);
    const auto listed = object_of(desk.get("/api/events?action=a1&limit=1")).at("items").at(0);
    const std::size_t begin = piece->find("data: ") + 6;
    EXPECT_EQ(boost::json::parse(piece->substr(begin, piece->find('\n', begin) - begin)), listed);
}

TEST_F(LiveRoute, CommentsWhenNothingHappens) {
    const auto source = open("");
    desk.clock().pass(16 * kSecond);
    EXPECT_EQ(next_piece(*source), ":\nid: " + cursors(next() - 1, 1).front() + "\n\n");
    write(1);
    EXPECT_EQ(read(*source, 1).size(), 1U);
}

TEST_F(LiveRoute, GoesOnWhileTheServerStillListens) {
    const auto source = open("");
    desk.drain();
    write(1);
    EXPECT_EQ(read(*source, 1).size(), 1U) << "streams are closed after the drain";
}

TEST_F(LiveRoute, RefusesACursorThatIsNone) {
    EXPECT_EQ(desk.get("/api/events/live?cursor=x").status, 400);
    EXPECT_EQ(desk.get("/api/events/live?cursor=00000000.0:1").status, 409);
    EXPECT_EQ(desk.get("/api/events/live?limit=5").status, 400);
    const Answer answer =
        desk.ask({.target = "/api/events/live", .headers = {{"last-event-id", "nonsense"}}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(object_of(answer).at("field"), "Last-Event-ID");
}

TEST_F(LiveRoute, RefusesAPlaceThatTheLogHasNotReached) {
    write(1);
    const std::uint64_t end = desk.core().ledger->head(0).next_ordinal;
    const std::string last = cursor_of(desk.core(), {0, end - 1});
    const std::string ahead = cursor_of(desk.core(), {0, end});
    EXPECT_EQ(desk.get("/api/events/live?cursor=" + last).status, 200);
    const Answer cursor = desk.get("/api/events/live?cursor=" + ahead);
    EXPECT_EQ(cursor.status, 400) << cursor.body;
    EXPECT_EQ(object_of(cursor).at("error"), "beyond_the_log");
    EXPECT_EQ(object_of(cursor).at("field"), "cursor");
    const Answer id =
        desk.ask({.target = "/api/events/live", .headers = {{"last-event-id", ahead}}});
    EXPECT_EQ(id.status, 400) << id.body;
    EXPECT_EQ(object_of(id).at("error"), "beyond_the_log");
    EXPECT_EQ(object_of(id).at("field"), "Last-Event-ID");
}

}  // namespace live_route_test
