// The same random events in one partition and split over several by workspace: every merged answer
// is the same.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>

#include "projections/audit/audit_query.hpp"
#include "projections/audit/audit_view.hpp"
#include "projections/audit/observability.hpp"
#include "projections/rooms/rooms_merge.hpp"
#include "projections/rooms/rooms_view.hpp"
#include "store/frame/frame.hpp"
#include "tests/projections/audit_given.hpp"
#include "tests/projections/random_log.hpp"

namespace decklog::projections::partitions_test {
namespace {

using random_log::RandomLog;

constexpr std::uint32_t kWorkspaces = 6;
constexpr std::int64_t kGrainUs = 10'000;

/// Everything of one room, message or appointment is in one workspace.
std::uint32_t workspace_of(const domain::NewEvent& event) {
    const bool is_chat =
        domain::family_of(static_cast<std::uint32_t>(event.type)) == domain::Family::chat;
    const std::string owner = is_chat ? event.platform + '/' + event.account : event.stream;
    return static_cast<std::uint32_t>(std::hash<std::string>{}(owner) % kWorkspaces);
}

/// No two at one time: equal times are ordered by position, which the split changes.
std::vector<domain::NewEvent> events_of(std::uint64_t seed, std::size_t count) {
    RandomLog random(seed);
    auto events = random.events(count);
    for (std::size_t i = 0; i < events.size(); ++i) {
        events[i].occurred_at_us =
            events[i].occurred_at_us / kGrainUs * kGrainUs + static_cast<std::int64_t>(i);
        events[i].workspace = "w" + std::to_string(workspace_of(events[i]));
    }
    return events;
}

std::vector<domain::NewEvent> drawn(std::size_t count) {
    return events_of(*rc::gen::arbitrary<std::uint64_t>(), count);
}

/// A view over every partition, and which of the events stands where.
struct Split {
    std::vector<MemoryRows> rows;
    std::map<domain::Position, std::size_t> index_at;

    [[nodiscard]] std::vector<const RowReader*> readers() const {
        std::vector<const RowReader*> all;
        for (const MemoryRows& one : rows) all.push_back(&one);
        return all;
    }
};

Split split(const View& view, const std::vector<domain::NewEvent>& events,
            std::uint32_t partitions) {
    Split made;
    made.rows.resize(partitions);
    std::vector<std::uint64_t> next(partitions);
    std::vector<std::unique_ptr<Fold>> folds;
    for (const MemoryRows& rows : made.rows) folds.push_back(view.begin(rows));
    for (std::size_t i = 0; i < events.size(); ++i) {
        const std::uint32_t partition = workspace_of(events[i]) % partitions;
        const domain::Position position{partition, next[partition]++};
        made.index_at[position] = i;
        const store::PlacedEvent placed{&events[i], domain::EventId{}, 1};
        const auto frame = store::Frame::encode({}, position, events[i].occurred_at_us,
                                                std::nullopt, {}, std::span(&placed, 1));
        static_cast<void>(folds[partition]->apply(frame->event(0)));
    }
    for (std::uint32_t partition = 0; partition < partitions; ++partition)
        folds[partition]->finish(made.rows[partition]);
    return made;
}

std::vector<std::size_t> indexes(const Split& made,
                                 const std::vector<domain::Position>& positions) {
    std::vector<std::size_t> all;
    for (const domain::Position& position : positions) all.push_back(made.index_at.at(position));
    return all;
}

RC_GTEST_PROP(Partitions, CountTheSameActionsHoweverManyThereAre, ()) {
    const auto events = drawn(*rc::gen::inRange<std::size_t>(1, 800));
    const Split whole = split(audit_view(), events, 1);
    AuditQuery query;
    query.by = *rc::gen::element(AuditBy::platform, AuditBy::agent, AuditBy::conversation,
                                 AuditBy::action);
    query.critical = *rc::gen::arbitrary<bool>();
    query.since_us = RandomLog::kStartUs + *rc::gen::inRange<std::int64_t>(0, 7'200) * 1'000'000;
    if (*rc::gen::arbitrary<bool>()) query.until_us = query.since_us + 3'600'000'000;
    if (*rc::gen::arbitrary<bool>()) query.platforms = {"whatsapp", "telegram"};
    query.limit = *rc::gen::inRange<std::size_t>(0, 5);
    const AuditCounts expected = audit_counts(whole.readers(), query);
    for (const std::uint32_t partitions : {2U, 3U}) {
        const Split made = split(audit_view(), events, partitions);
        RC_ASSERT(audit_counts(made.readers(), query) == expected);
    }
}

RC_GTEST_PROP(Partitions, ShowTheSameSnapshotHoweverManyThereAre, ()) {
    const auto events = drawn(*rc::gen::inRange<std::size_t>(1, 800));
    const Split whole = split(audit_view(), events, 1);
    ObservabilityQuery query;
    query.window_hours = *rc::gen::element(1, 2, 24, 168);
    query.as_of_us = RandomLog::kStartUs + *rc::gen::inRange<std::int64_t>(0, 7'200) * 1'000'000;
    query.signal_limit = *rc::gen::inRange(1, 6);
    query.error_limit = *rc::gen::inRange(1, 30);
    query.audit_limit = *rc::gen::inRange(1, 60);
    const Observability expected = observability(whole.readers(), query);
    for (const std::uint32_t partitions : {2U, 3U}) {
        const Split made = split(audit_view(), events, partitions);
        const Observability seen = observability(made.readers(), query);
        RC_ASSERT(seen.window_hours == expected.window_hours);
        RC_ASSERT(seen.core_metrics == expected.core_metrics);
        RC_ASSERT(seen.signals == expected.signals);
        RC_ASSERT(indexes(made, seen.recent_errors) == indexes(whole, expected.recent_errors));
        RC_ASSERT(indexes(made, seen.recent_audit) == indexes(whole, expected.recent_audit));
    }
}

struct SeenRoom {
    std::string id, workspace;
    std::int64_t last_activity_us = 0;
    std::uint64_t messages = 0, members = 0;
    std::size_t last_event = 0;
    bool operator==(const SeenRoom&) const = default;
};

/// All pages of the list; every room is found by its id too.
std::vector<SeenRoom> listed(const Split& made, rooms::Kind kind, std::size_t limit) {
    std::vector<SeenRoom> all;
    std::string after;
    do {
        const auto page = rooms::list_rooms(made.readers(), kind, limit, after).value();
        RC_ASSERT(page.items.size() <= limit);
        for (const auto& [partition, room] : page.items) {
            all.push_back({room.id, room.workspace, room.last_activity_us, room.message_count,
                           room.member_count, made.index_at.at({partition, room.last_ordinal})});
            const auto alone = rooms::room(made.readers(), room.id);
            RC_ASSERT(alone.has_value());
            RC_ASSERT(alone->partition == partition);
            RC_ASSERT(alone->room.last_ordinal == room.last_ordinal);
        }
        after = page.next;
    } while (!after.empty());
    return all;
}

RC_GTEST_PROP(Partitions, ListTheSameRoomsHoweverManyThereAre, ()) {
    const auto events = drawn(*rc::gen::inRange<std::size_t>(1, 800));
    const auto kind = *rc::gen::element(rooms::Kind::any, rooms::Kind::room, rooms::Kind::direct);
    const auto limit = *rc::gen::inRange<std::size_t>(1, 9);
    const auto expected = listed(split(rooms_view(), events, 1), kind, limit);
    for (const std::uint32_t partitions : {2U, 3U})
        RC_ASSERT(listed(split(rooms_view(), events, partitions), kind, limit) == expected);
}

TEST(Partitions, AreComparedByLogsThatHoldRoomsOfEveryKind) {
    const Split whole = split(rooms_view(), events_of(1, 800), 1);
    for (const auto kind : {rooms::Kind::any, rooms::Kind::room, rooms::Kind::direct})
        EXPECT_FALSE(rooms::list_rooms(whole.readers(), kind, 5, "").value().items.empty());
}

TEST(MergedRooms, RefuseACursorOfAnotherList) {
    const Split made = split(rooms_view(), {}, 2);
    for (const char* cursor :
         {"61", "0:", ":61", "2:61", "0:61,0:61", "0:61,", ",0:61", "0:zz", "0:6", "-1:61"}) {
        const auto page = rooms::list_rooms(made.readers(), rooms::Kind::any, 5, cursor);
        ASSERT_FALSE(page.has_value()) << cursor;
        EXPECT_EQ(page.error().code, "bad_cursor") << cursor;
    }
}

TEST(MergedSnapshot, ListsTheLowerPartitionFirstAtEqualTimes) {
    using namespace audit_given;
    std::vector<MemoryRows> rows(2);
    for (std::uint32_t partition = 0; partition < 2; ++partition) {
        std::vector<domain::NewEvent> events;
        for (int i = 0; i < 2; ++i)
            events.push_back(event_of(AuditRow{.created_us = kNoon, .action = "api_error"}));
        fold(audit_view(), events, rows[partition], 10, [] { return std::size_t{10}; });
    }
    const std::vector<const RowReader*> both{&rows[0], &rows[1]};
    const Observability seen = observability(both, {.audit_limit = 3, .as_of_us = kNoon});
    const std::vector<domain::Position> newest{{0, 11}, {0, 10}, {1, 11}};
    EXPECT_EQ(seen.recent_audit, newest);
    EXPECT_EQ(seen.recent_errors.size(), 4U);
}

}  // namespace
}  // namespace decklog::projections::partitions_test
