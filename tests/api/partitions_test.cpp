// What is read from a ledger of two partitions: every answer about the whole ledger is merged, and
// a place in it is a position in each.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <future>

#include "api/answers.hpp"
#include "domain/fact.hpp"
#include "domain/payload.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/api/route_desk.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::partitions_test {
namespace {

using namespace decklog::api::testing;
namespace json = boost::json;
using Texts = std::vector<std::string>;

const std::string kWorkspaces[] = {"default", "other"};
const std::string kAccounts[] = {"default", "second"};

/// In the workspace of the partition.
domain::NewEvent action(std::uint32_t partition, std::string name, std::string platform,
                        std::int64_t at_us) {
    domain::NewEvent event;
    event.type = domain::EventType::audit_action_recorded;
    event.workspace = kWorkspaces[partition];
    event.stream = "audit/message/e1";
    event.occurred_at_us = at_us;
    event.recorded_by = "token:t1";
    event.actor = {"worker", "w1"};
    event.action = std::move(name);
    event.platform = std::move(platform);
    fb::AuditActionRecordedT payload;
    payload.entity_type = "message";
    payload.entity_id = "e1";
    payload.details = "{}";
    event.payload = domain::encode_payload(payload);
    return event;
}

domain::NewEvent message(std::uint32_t partition, std::string conversation, std::string id,
                         std::int64_t at_us) {
    domain::NewEvent event;
    event.type = domain::EventType::message_received;
    event.workspace = kWorkspaces[partition];
    event.platform = "slack";
    event.account = kAccounts[partition];
    event.conversation = std::move(conversation);
    event.stream = "room/slack/" + event.account + "/" + event.conversation;
    event.occurred_at_us = at_us;
    event.recorded_by = "hook:slack:" + event.account;
    event.actor = {"person", "p_1"};
    fb::MessageReceivedT payload;
    payload.message_id = std::move(id);
    payload.content_kind = "text";
    event.payload = domain::encode_payload(payload);
    return event;
}

void append(store::Ledger& ledger, std::uint32_t partition, domain::NewEvent event) {
    store::Submission submission;
    submission.intent = domain::fact("test", std::move(event));
    ASSERT_TRUE(store::submit_and_wait(ledger, partition, {submission}).front().has_value());
}

Texts texts_of(const json::object& answer, std::string_view key) {
    Texts texts;
    for (const auto& item : answer.at("items").as_array())
        texts.emplace_back(item.at(json::string_view(key.data(), key.size())).as_string());
    return texts;
}

class TwoPartitions : public ::testing::Test {
  protected:
    store::Ledger& ledger() { return *desk_.core().ledger; }
    [[nodiscard]] std::int64_t now_us() { return desk_.clock().now_us(); }
    /// A second after the one before.
    void act(std::uint32_t partition, const std::string& name,
             const std::string& platform = "slack") {
        desk_.clock().pass(1'000'000);
        append(ledger(), partition, action(partition, name, platform, now_us()));
    }
    void say(std::uint32_t partition, const std::string& conversation, const std::string& id) {
        desk_.clock().pass(1'000'000);
        append(ledger(), partition, message(partition, conversation, id, now_us()));
    }
    /// Positions with the cursor prefix.
    std::string place(const std::string& positions) {
        return domain::to_hex(ledger().ledger_id().bytes).substr(0, 8) + "." + positions;
    }
    Texts places(const Texts& bare) {
        Texts whole;
        for (const std::string& one : bare) whole.push_back(place(one));
        return whole;
    }
    json::object get(const std::string& target) {
        const Answer answer = desk_.get(target);
        EXPECT_EQ(answer.status, 200) << target << body_of(answer);
        return object_of(answer);
    }
    /// Waits until every view has everything.
    std::string waiting() {
        return "wait=" + std::to_string(0) + ":" +
               std::to_string(ledger().head(0).next_ordinal - 1) +
               ",1:" + std::to_string(ledger().head(1).next_ordinal - 1);
    }
    /// Positions of all pages, and the cursors between them.
    Texts paged(const std::string& target, Texts* cursors = nullptr) {
        Texts all;
        std::string cursor;
        while (true) {
            const json::object page = get(target + (cursor.empty() ? "" : "&cursor=" + cursor));
            for (std::string& one : texts_of(page, "position")) all.push_back(std::move(one));
            if (page.at("next").is_null()) return all;
            cursor = page.at("next").as_string();
            if (cursors != nullptr) cursors->push_back(cursor);
        }
    }
    json::object posted(const std::string& target) {
        const std::string body = body_of(desk_.ask({.method = Method::post, .target = target}));
        const auto end = body.find_last_of('\n', body.size() - 2);
        return json::parse(end == std::string::npos ? body : body.substr(end + 1)).as_object();
    }

    RouteDesk desk_{Storage::memory, 2};
};

TEST_F(TwoPartitions, ListEventsInTheOrderInWhichTheyWereRecorded) {
    act(1, "a");
    act(0, "b");
    act(1, "c");
    append(ledger(), 0, action(0, "d", "slack", now_us()));  // at the same time as c
    act(1, "e");
    const Texts ascending = places({"0:0", "1:0", "1:1", "0:1", "0:2", "1:2", "1:3"});
    for (int limit = 1; limit <= 8; ++limit) {
        const std::string size = "limit=" + std::to_string(limit);
        EXPECT_EQ(paged("/api/events?order=asc&" + size), ascending) << limit;
        EXPECT_EQ(paged("/api/events?order=desc&" + size),
                  Texts(ascending.rbegin(), ascending.rend()))
            << limit;
        EXPECT_EQ(paged("/api/events?order=asc&action=c&action=d&action=e&" + size),
                  places({"0:2", "1:2", "1:3"}))
            << limit;
    }
    Texts cursors;
    paged("/api/events?order=asc&limit=3", &cursors);
    EXPECT_EQ(cursors, places({"0:0,1:1", "0:2,1:2"}));
    EXPECT_EQ(text_at(get("/api/events"), "asOf", "position"), place("0:2,1:3"));
}

TEST_F(TwoPartitions, HoldABoundOfOnePositionForItsPartitionAlone) {
    for (const char* name : {"a", "b", "c"}) {
        act(0, name);
        act(1, name);
    }
    const std::string asc = "/api/events?order=asc&type=AuditActionRecorded";
    EXPECT_EQ(paged(asc + "&from=1:3"), places({"0:1", "0:2", "0:3", "1:3"}));
    EXPECT_EQ(paged(asc + "&from=0:3,1:2&to=1:2"), places({"1:2", "0:3"}));
    EXPECT_EQ(paged(asc + "&cursor=1:2,0:3"), places({"1:3"}));
    EXPECT_EQ(paged(asc + "&to=2025-11-25T17:00:03Z"), places({"0:1", "1:1", "0:2"}));
    EXPECT_EQ(paged(asc + "&from=2025-11-25T17:00:05Z"), places({"0:3", "1:3"}));
    EXPECT_EQ(paged(asc + "&to=2020-01-01T00:00:00Z"), Texts{});
    for (const char* bad :
         {"from=2:0", "from=0:1,0:2", "cursor=0:1,2:1", "cursor=0:1,", "wait=2:0"})
        EXPECT_EQ(desk_.get(asc + "&" + bad).status, 400) << bad;
    EXPECT_EQ(desk_.get(asc + "&from=0:3,1:9").status, 400) << "beyond the log";
}

TEST_F(TwoPartitions, CountActionsOfBoth) {
    act(0, "ai_reply_error", "slack");
    act(1, "ai_reply_error", "slack");
    act(1, "ai_reply_error", "telegram");
    act(1, "ai_reply_created", "telegram");
    act(1, "ai_reply_created", "telegram");
    for (const std::string& source : {"&" + waiting(), std::string("&type=AuditActionRecorded")}) {
        const json::object counts = get("/api/audit?by=platform" + source);
        EXPECT_EQ(counts.at("total"), 5) << source;
        EXPECT_EQ(texts_of(counts, "platform"), (Texts{"telegram", "slack"})) << source;
        EXPECT_EQ(counts.at("items").at(0).at("count"), 3) << source;
        EXPECT_EQ(text_at(counts, "asOf", "position"), place("0:1,1:4")) << source;
        const json::object second = get("/api/audit?by=platform&limit=1&cursor=1" + source);
        EXPECT_EQ(texts_of(second, "platform"), (Texts{"slack"})) << source;
    }
    EXPECT_EQ(get("/api/audit?from=1:3").at("total"), 3) << "partition 0 whole";
}

TEST_F(TwoPartitions, ShowOneSnapshot) {
    act(1, "ai_reply_error", "slack");
    act(0, "ai_reply_error", "slack");
    act(1, "api_error", "telegram");
    say(1, "C1", "m1");
    const json::object seen = get("/api/admin/observability?errorLimit=2&" + waiting());
    EXPECT_EQ(seen.at("coreMetrics").at("aiReplyErrors"), 2);
    EXPECT_EQ(seen.at("coreMetrics").at("inboundMessages"), 1);
    const auto& failures = seen.at("signals").at("platformFailures").as_array();
    ASSERT_EQ(failures.size(), 2U);
    EXPECT_EQ(failures.front().at("count"), 2);
    const auto& errors = seen.at("recentErrors").as_array();
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors.at(0).at("action"), "api_error");
    EXPECT_EQ(errors.at(1).at("action"), "ai_reply_error");
    EXPECT_EQ(seen.at("recentAudit").as_array().size(), 3U);
    EXPECT_EQ(text_at(seen, "asOf", "position"), place("0:1,1:3"));
}

TEST_F(TwoPartitions, ListRoomsOfBothAndFindEachWhereItIs) {
    say(0, "C1", "m1");
    say(1, "C2", "m2");
    say(0, "C3", "m3");
    say(1, "C2", "m4");
    say(1, "C4", "m5");
    const Texts newest{"slack:second:C4", "slack:second:C2", "slack:default:C3",
                       "slack:default:C1"};
    for (int limit = 1; limit <= 5; ++limit) {
        Texts ids;
        std::string cursor;
        do {
            const json::object page =
                get("/api/rooms?limit=" + std::to_string(limit) + cursor + "&" + waiting());
            for (std::string& id : texts_of(page, "id")) ids.push_back(std::move(id));
            cursor = page.at("next").is_null()
                         ? ""
                         : "&cursor=" + std::string(page.at("next").as_string());
        } while (!cursor.empty());
        EXPECT_EQ(ids, newest) << limit;
    }
    const json::object room = get("/api/rooms/slack:second:C2");
    EXPECT_EQ(room.at("workspace"), "other");
    EXPECT_EQ(room.at("messageCount"), 2);
    EXPECT_EQ(room.at("lastPosition"), place("1:2").c_str());
    const json::object messages = get("/api/rooms/slack:second:C2/messages?limit=1");
    EXPECT_EQ(texts_of(messages, "messageId"), (Texts{"m4"}));
    EXPECT_EQ(messages.at("next"), place("1:2").c_str());
    const json::object older = get("/api/rooms/slack:second:C2/messages?cursor=" + place("1:2"));
    EXPECT_EQ(texts_of(older, "messageId"), (Texts{"m2"}));
    EXPECT_EQ(desk_.get("/api/rooms/slack:second:C2/messages?cursor=0:2").status, 400);
    EXPECT_EQ(desk_.get("/api/rooms/slack:second:C1").status, 404);
    EXPECT_TRUE(get("/api/rooms/slack:second:C2/bindings").at("items").as_array().empty());
    EXPECT_EQ(desk_.get("/api/rooms?cursor=61").status, 400);
}

TEST_F(TwoPartitions, ShowWhatIsParkedInEither) {
    domain::NewEvent event = action(1, "ai_reply_error", "slack", now_us());
    event.payload = {1, 2, 3, 4, 5, 6, 7, 8};
    append(ledger(), 1, event);
    const json::object list = get("/api/views/audit/parked?" + waiting());
    EXPECT_EQ(texts_of(list, "position"), places({"1:1"}));
    EXPECT_EQ(get("/api/audit").at("parkedKeys"), 1);
    EXPECT_EQ(get("/api/views/audit").at("parkedKeys"), 1);
    const json::object retried = posted("/api/views/audit/parked/retry");
    EXPECT_EQ(retried.at("ok"), true);
    EXPECT_EQ(retried.at("tookOver"), false);
    ASSERT_EQ(retried.at("partitions").as_array().size(), 2U);
    EXPECT_EQ(retried.at("partitions").at(1).at("partition"), 1);
}

TEST_F(TwoPartitions, ReplayEachAndSayWhich) {
    act(0, "a");
    act(1, "b");
    act(1, "c");
    const auto events = [&](const std::string& range) {
        Texts positions;
        const json::object answer = get("/api/views/audit" + range);
        for (const auto& row : answer.at("items").as_array()) {
            if (row.at("row") != "event") continue;
            const std::string position(row.at("position").as_string());
            EXPECT_EQ(std::to_string(row.at("partition").to_number<int>()), position.substr(0, 1));
            positions.push_back(position);
        }
        return positions;
    };
    EXPECT_EQ(events(""), (Texts{"0:1", "1:1", "1:2"}));
    EXPECT_EQ(events("?at=1:1"), (Texts{"0:1", "1:1"}));
    EXPECT_EQ(events("?at=0:0,1:1"), (Texts{"1:1"}));
    EXPECT_EQ(events("?at=2025-11-25T17:00:02Z"), (Texts{"0:1", "1:1"}));
    EXPECT_EQ(events("?from=1:2"), (Texts{"0:1", "1:2"}));
    EXPECT_EQ(events("?from=2025-11-25T17:00:02Z"), (Texts{"1:1", "1:2"}));
    EXPECT_EQ(text_at(get("/api/views/audit?at=0:0,1:1"), "asOf", "position"), place("0:0,1:1"));
    EXPECT_EQ(desk_.get("/api/views/audit?at=1:9").status, 400);
    say(1, "C1", "m1");
    const json::object rooms = get("/api/views/rooms");
    EXPECT_EQ(rooms.at("items").at(0).at("lastPosition"), "1:3");
}

TEST_F(TwoPartitions, RebuildAViewInBoth) {
    act(1, "a");
    const json::object built = posted("/api/views/audit/rebuild");
    EXPECT_EQ(built.at("ok"), true) << json::serialize(built);
    EXPECT_EQ(built.at("tookOver"), true);
    const auto& partitions = built.at("partitions").as_array();
    ASSERT_EQ(partitions.size(), 2U);
    EXPECT_EQ(partitions.at(1).at("after"), "audit.v1.b2");
    ASSERT_EQ(built.at("instances").as_array().size(), 2U);
    EXPECT_EQ(built.at("instances").at(1).at("kept"), "audit.v1.b1");
    EXPECT_EQ(text_at(built, "asOf", "position"), place("0:0,1:1"));
    EXPECT_EQ(posted("/api/views/audit/rebuild?back=true").at("tookOver"), true);
}

/// The ids of so many events of a live stream, and the last id of anything.
Texts live_ids(BodySource& source, std::size_t events) {
    Texts ids;
    while (ids.size() < events) {
        const auto piece = next_piece(source);
        if (!piece) break;
        std::size_t at = 0;
        while ((at = piece->find("id: ", at)) != std::string::npos) {
            const auto end = piece->find('\n', at);
            if (piece->compare(end + 1, 6, "data: ") == 0)
                ids.push_back(piece->substr(at + 4, end - at - 4));
            at = end;
        }
    }
    return ids;
}

TEST_F(TwoPartitions, StreamBothAndKeepAPlaceInEach) {
    act(0, "a");
    act(1, "b");
    const auto open = [&](const std::string& query, const std::string& last_id = {}) {
        std::vector<std::pair<std::string, std::string>> headers;
        if (!last_id.empty()) headers.emplace_back("last-event-id", last_id);
        return desk_.ask({.target = "/api/events/live" + query, .headers = headers}).source;
    };
    const auto source = open("?cursor=0:0,1:0");
    EXPECT_EQ(live_ids(*source, 2), places({"0:1,1:0", "0:1,1:1"}));
    act(1, "c");
    EXPECT_EQ(live_ids(*source, 1), places({"0:1,1:2"}));
    act(0, "d");
    act(0, "e");
    EXPECT_EQ(live_ids(*source, 2), places({"0:2,1:2", "0:3,1:2"}));
    EXPECT_EQ(live_ids(*open("", place("0:2,1:1")), 2), places({"0:2,1:2", "0:3,1:2"}));
    EXPECT_EQ(live_ids(*open("?from=1:2&type=AuditActionRecorded"), 4),
              places({"0:1,1:1", "0:1,1:2", "0:2,1:2", "0:3,1:2"}));
    EXPECT_EQ(live_ids(*open("?cursor=0:3,1:0&action=c"), 1), places({"0:3,1:2"}));
    EXPECT_EQ(desk_.get("/api/events/live?cursor=0:0,0:1").status, 400);
    EXPECT_EQ(desk_.get("/api/events/live?cursor=0:0,1:7").status, 400);
}

TEST_F(TwoPartitions, CatchUpInTheOrderOfTheList) {
    for (int i = 0; i < 450; ++i) {
        if (i % 3 == 0) desk_.clock().pass(1'000);
        const std::uint32_t partition = i % 7 == 0 || (i > 200 && i < 330) ? 1 : 0;
        append(ledger(), partition, action(partition, "noise", "slack", now_us()));
    }
    const Texts wanted = paged("/api/events?order=asc&limit=1000");
    const auto source = desk_.ask({.target = "/api/events/live?from=0:0"}).source;
    Texts seen;
    std::map<std::string, std::string> last{{"0", ""}, {"1", ""}};
    for (const std::string& id : live_ids(*source, wanted.size())) {
        // The event is the one whose partition's place has changed.
        const std::string bare = id.substr(id.find('.') + 1);
        for (std::size_t at = 0; at < bare.size();) {
            const std::size_t end = std::min(bare.find(',', at), bare.size());
            const std::string one = bare.substr(at, end - at);
            if (std::exchange(last[one.substr(0, 1)], one) != one) seen.push_back(place(one));
            at = end + 1;
        }
    }
    EXPECT_EQ(seen, wanted);
}

/// Over a data directory whose ledger was made with two partitions.
class AppOfTwo : public ::testing::Test {
  protected:
    AppOfTwo() {
        config_.data = directory_.path() / "data";
        ingest::Account account;
        account.platform = ingest::Platform::slack;
        account.id = "second";
        account.workspace = "other";
        config_.accounts.push_back(account);
        {
            const auto files = store::Directory::open(config_.data, {}).value();
            const auto vault =
                store::open_rocks_vault(config_.data, false, &store::system_random()).value();
            store::LedgerOptions options;
            options.partitions = 2;
            options.disk_free_bytes_min = 0;
            store::open_rocks_ledger(config_.data, options).value()->stop();
        }
        app_ = App::open(config_, std::chrono::milliseconds(0)).value();
    }
    Answer get(const std::string& target) {
        Request request;
        request.path = target;
        Principal admin;
        admin.role = Role::admin;
        const auto answered = std::make_shared<std::promise<Answer>>();
        app_->dispatch(std::move(request), admin,
                       [answered](Answer answer) { answered->set_value(std::move(answer)); });
        return answered->get_future().get();
    }
    store::Ledger& ledger() { return *app_->core().ledger; }

    TemporaryDirectory directory_;
    Config config_;
    std::unique_ptr<App> app_;
};

TEST_F(AppOfTwo, AnswersFromBothAndComesBack) {
    const std::int64_t now_us = store::system_clock().now_us();
    append(ledger(), 0, action(0, "api_error", "slack", now_us));
    append(ledger(), 1, action(1, "api_error", "slack", now_us));
    append(ledger(), 1, message(1, "C1", "m1", now_us));
    EXPECT_EQ(object_of(get("/api/audit?wait=0:1,1:2")).at("total"), 2);
    EXPECT_EQ(object_of(get("/api/rooms?wait=1:2")).at("items").as_array().size(), 1U);
    const auto stream = object_of(get("/api/streams/room/slack/second/C1"));
    ASSERT_EQ(stream.at("items").as_array().size(), 1U) << "of another workspace";
    EXPECT_TRUE(stream.at("items").at(0).at("position").as_string().ends_with(".1:2"));
    const json::object health = object_of(get("/health"));
    for (const char* view : {"audit", "audit/1", "rooms/1"})
        EXPECT_TRUE(health.at("views").as_object().contains(view)) << view;
    EXPECT_NE(get("/metrics").body.find("decklog_view_lag_events{view=\"audit/1\"} 0"),
              std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(config_.data / "views.1" / "CURRENT"));

    app_.reset();
    app_ = App::open(config_, std::chrono::milliseconds(0)).value();
    EXPECT_EQ(ledger().partitions(), 2U);
    EXPECT_EQ(object_of(get("/api/audit?wait=0:1,1:2")).at("total"), 2);
    EXPECT_EQ(get("/ready").status, 200);
}

TEST_F(AppOfTwo, HearsInPartitionZeroAloneWhatBecomesOfTheLedger) {
    domain::NewEvent event = action(1, "ledger_moved", "", 1);
    event.type = domain::EventType::ledger_moved;
    event.payload = domain::encode_payload(fb::LedgerMovedT{});
    append(ledger(), 1, event);
    EXPECT_FALSE(app_->core().hold->moved_at());
}

}  // namespace
}  // namespace decklog::api::partitions_test
