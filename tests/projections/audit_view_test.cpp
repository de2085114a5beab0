// The audit and baselines views as folds: the same log gives the same bytes however it is cut into
// batches, poison is parked, and what replay prints is complete.
#include "projections/audit/audit_view.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <boost/json/serialize.hpp>
#include <set>

#include "projections/baselines/baselines_view.hpp"
#include "tests/projections/audit_given.hpp"
#include "tests/projections/random_log.hpp"

namespace decklog::projections::audit_view_test {

using namespace audit_given;

const View* const kViews[] = {&audit_view(), &baselines_view()};

std::vector<std::string> printed(const View& view, const MemoryRows& rows) {
    std::vector<std::string> lines;
    view.print(rows, 0, [&](boost::json::object line) {
        lines.push_back(boost::json::serialize(line));
        return true;
    });
    return lines;
}

RC_GTEST_PROP(AuditView, GivesTheSameBytesWhateverTheBatches, (std::uint64_t seed)) {
    const auto log = random_log::RandomLog(seed).events(70);
    RandomTables tables(seed);
    tables.draw(50);
    for (const auto& events : {log, tables.events}) {
        for (const View* view : kViews) {
            MemoryRows live;
            fold(*view, events, live, 0, [&] { return 1 + tables.below(40); });
            RC_ASSERT(live.rows() == folded(*view, events).rows());
        }
    }
}

TEST(AuditView, AFoldMayGoOnAfterItsBatchIsWritten) {
    RandomTables tables(11);
    tables.draw(200);
    for (const View* view : kViews) {
        MemoryRows rows;
        const auto fold = view->begin(rows);
        for (std::size_t i = 0; i < tables.events.size(); ++i) {
            const store::PlacedEvent placed{&tables.events[i], domain::EventId{}, 1};
            const auto frame =
                store::Frame::encode({}, {0, i}, 1, std::nullopt, {}, std::span(&placed, 1));
            ASSERT_FALSE(fold->apply(frame->event(0)).has_value());
            if (i % 17 == 0) fold->finish(rows);
        }
        fold->finish(rows);
        EXPECT_EQ(rows.rows(), folded(*view, tables.events).rows()) << view->name();
    }
}

/// Notes which rows a fold writes.
class WrittenKeys final : public RowWriter {
  public:
    void put(std::string_view key, std::string_view) override { keys.emplace(key); }
    void erase(std::string_view key) override { keys.emplace(key); }
    void add_counts(std::string_view key, std::string_view) override { keys.emplace(key); }
    std::set<std::string> keys;
};

TEST(AuditView, ALateEventWritesItsOwnMinuteHourAndDayOnly) {
    AuditRow row;
    row.action = "platform_dispatch_error";
    row.created_us = kNoon - 30 * kDay;
    std::vector<domain::NewEvent> events;
    for (int i = 0; i < 60; ++i, row.created_us += 12 * kHour) events.push_back(event_of(row));
    row.created_us = kNoon - 29 * kDay;
    const domain::NewEvent late = event_of(row);
    const store::PlacedEvent placed{&late, domain::EventId{}, 1};
    const auto frame =
        store::Frame::encode({}, {0, 60}, 1, std::nullopt, {}, std::span(&placed, 1));
    const auto rows_written = [&](const View& view) {
        const MemoryRows rows = folded(view, events);
        const auto fold = view.begin(rows);
        EXPECT_FALSE(fold->apply(frame->event(0)).has_value());
        WrittenKeys written;
        fold->finish(written);
        return written.keys.size();
    };
    EXPECT_EQ(rows_written(audit_view()), 5U);  // minute, hour, day, its event, its error
    EXPECT_EQ(rows_written(baselines_view()), 3U);
}

TEST(AuditView, ParksAnActionWhoseDetailsAreNotJson) {
    AuditRow row;
    row.action = "ai_reply_error";
    domain::NewEvent event = event_of(row);
    fb::AuditActionRecordedT payload;
    payload.known.push_back(std::make_unique<fb::ClearDetailT>());
    payload.known.back()->path = "stage";
    payload.known.back()->value = "\"open";
    event.payload = domain::encode_payload(payload);
    const store::PlacedEvent placed{&event, domain::EventId{}, 1};
    const auto frame = store::Frame::encode({}, {0, 0}, 1, std::nullopt, {}, std::span(&placed, 1));
    MemoryRows rows;
    const auto fold = audit_view().begin(rows);
    const auto parked = fold->apply(frame->event(0));
    ASSERT_TRUE(parked.has_value());
    EXPECT_EQ(parked->key, event.stream);
    EXPECT_FALSE(parked->reason.empty());
}

TEST(AuditView, ParksARecordWhosePayloadDoesNotVerify) {
    for (const auto type :
         {domain::EventType::message_recorded, domain::EventType::appointment_recorded}) {
        domain::NewEvent event = event_of(MessageChange{1, "m1", "inbound", "new", 1});
        event.type = type;
        event.payload = {1, 2, 3};
        const store::PlacedEvent placed{&event, domain::EventId{}, 1};
        const auto frame =
            store::Frame::encode({}, {0, 0}, 1, std::nullopt, {}, std::span(&placed, 1));
        MemoryRows rows;
        const auto fold = audit_view().begin(rows);
        EXPECT_TRUE(fold->apply(frame->event(0)).has_value());
        fold->finish(rows);
        EXPECT_TRUE(rows.rows().empty());
    }
}

TEST(AuditView, PrintsDaysHoursMinutesThenEverySingleEvent) {
    AuditRow row;
    row.created_us = kNoon + 1;
    row.action = "platform_dispatch_error";
    row.platform = "roomies";
    row.actor_type = "worker";
    row.stage = "dispatch_outbound_message";
    const auto lines = printed(
        audit_view(),
        folded(audit_view(),
               {event_of(row), event_of(MessageChange{kNoon, "m1", "outbound", "draft", kNoon})}));
    const std::vector<std::string> expected{
        R"({"row":"message","workspace":"default","id":"m1","changedAt":"2026-01-11T12:00:00.000000Z","position":"0:1","sentAt":"2026-01-11T12:00:00.000000Z","state":"outbound/draft"})",
        R"({"row":"event","occurredAt":"2026-01-11T12:00:00.000001Z","position":"0:0","action":"platform_dispatch_error","platform":"roomies","agent":"worker/unknown","conversation":"unknown","failure":"roomies/dispatch_outbound_message/platform_dispatch_error"})",
        R"({"row":"day","from":"2026-01-11T00:00:00.000000Z","by":"action","key":"platform_dispatch_error","count":1})",
        R"({"row":"hour","from":"2026-01-11T12:00:00.000000Z","by":"agent","key":"worker/unknown","critical":true,"count":1})",
        R"({"row":"minute","from":"2026-01-11T12:00:00.000000Z","by":"message","key":"outbound/draft","count":1})",
        R"({"row":"error","occurredAt":"2026-01-11T12:00:00.000001Z","position":"0:0"})",
        R"({"row":"at","at":"2026-01-11T12:00:00.000000Z","by":"message","key":"outbound/draft","count":1})",
        R"({"row":"total","by":"message","key":"outbound/draft","count":1})"};
    for (const std::string& line : expected) {
        EXPECT_EQ(std::count(lines.begin(), lines.end(), line), 1) << line;
    }
    EXPECT_EQ(lines.size(), 3U * 6U + 5U);
}

TEST(AuditView, PrintingStopsWhenTheReaderHasEnough) {
    RandomTables tables(3);
    tables.draw(50);
    for (const View* view : kViews) {
        const MemoryRows rows = folded(*view, tables.events);
        int lines = 0;
        view->print(rows, 0, [&](boost::json::object) { return ++lines < 4; });
        EXPECT_EQ(lines, 4) << view->name();
    }
}

}  // namespace decklog::projections::audit_view_test
