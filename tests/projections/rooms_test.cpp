// The rooms view: what a room, its members and its messages look like after events in the order in
// which platforms send them, which is not the order in which they happened.
#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "domain/payload.hpp"
#include "projections/engine.hpp"
#include "projections/rooms/limits.hpp"
#include "projections/rooms/rooms_query.hpp"
#include "projections/rooms/rooms_view.hpp"
#include "tests/projections/random_log.hpp"
#include "tests/projections/test_log.hpp"

namespace decklog::projections::rooms_test {

using domain::EventType;
using test_log::TestLog;

constexpr std::int64_t kSecond = 1'000'000;

domain::SubjectId person(std::uint8_t number) {
    domain::SubjectId id;
    id.bytes.fill(number);
    return id;
}
std::string id_of(std::uint8_t number) { return domain::to_text(person(number)); }

class RoomsTest : public testing::Test {
  protected:
    /// An event in `conversation` by person `by` (0: nobody) at second `at`.
    template <class Payload>
    std::uint64_t say(EventType type, Payload payload, std::uint8_t by, std::int64_t at) {
        domain::NewEvent event;
        event.type = type;
        event.platform = "slack";
        event.account = "default";
        event.conversation = conversation_;
        event.stream = "room/slack/default/" + conversation_;
        event.occurred_at_us = at * kSecond;
        event.recorded_by = "hook:slack:default";
        if (by != 0) {
            event.subject = person(by);
            event.actor = {"person", id_of(by)};
            event.sealed = domain::Bytes(64, by);
        }
        event.payload = domain::encode_payload(payload);
        log_.append(event);
        return log_.head(0).next_ordinal - 1;
    }
    std::uint64_t message(std::string id, std::uint8_t by, std::int64_t at, bool direct = false) {
        fb::MessageReceivedT payload;
        payload.message_id = std::move(id);
        payload.room_direct = direct;
        return say(EventType::message_received, payload, by, at);
    }
    std::uint64_t edit(std::string id, std::int64_t edited_at, std::int64_t at) {
        fb::MessageEditedT payload;
        payload.message_id = std::move(id);
        payload.edited_at = edited_at * kSecond;
        return say(EventType::message_edited, payload, 1, at);
    }
    std::uint64_t status(std::string id, std::string text, std::uint32_t rank, std::int64_t at) {
        fb::DeliveryStatusReportedT payload;
        payload.message_id = std::move(id);
        payload.status = std::move(text);
        payload.rank = rank;
        return say(EventType::delivery_status_reported, payload, 0, at);
    }
    std::uint64_t react(std::string id, std::uint8_t by, std::string reaction, bool set,
                        std::int64_t at) {
        fb::ReactionSetT on;
        on.message_id = id;
        on.reactor = id_of(by);
        on.reaction = reaction;
        if (set) return say(EventType::reaction_set, on, by, at);
        fb::ReactionClearedT off;
        off.message_id = id;
        off.reactor = id_of(by);
        off.reaction = reaction;
        return say(EventType::reaction_cleared, off, by, at);
    }
    std::uint64_t join(std::uint8_t who, std::int64_t at) {
        fb::MemberJoinedT payload;
        payload.member = id_of(who);
        return say(EventType::member_joined, payload, who, at);
    }
    std::uint64_t leave(std::uint8_t who, std::int64_t at) {
        fb::MemberLeftT payload;
        payload.member = id_of(who);
        return say(EventType::member_left, payload, who, at);
    }
    std::uint64_t migrate(std::string to, std::int64_t at) {
        fb::RoomMigratedT payload;
        payload.from_room = conversation_;
        payload.to_room = std::move(to);
        return say(EventType::room_migrated, payload, 0, at);
    }

    [[nodiscard]] MemoryRows rows() const { return replay(log_, rooms_view(), {}).value().rows; }
    [[nodiscard]] rooms::RoomInfo room() const {
        return rooms::room(rows(), "slack:default:" + conversation_).value();
    }
    [[nodiscard]] std::vector<rooms::MessageInfo> messages() const {
        return rooms::messages(rows(), "slack:default:" + conversation_, 1000, std::nullopt).items;
    }
    [[nodiscard]] rooms::MessageInfo only_message() const {
        const auto all = messages();
        EXPECT_EQ(all.size(), 1U);
        return all.front();
    }

    TestLog log_;
    std::string conversation_ = "C1";
};

TEST_F(RoomsTest, ARoomBeginsWithItsFirstEvent) {
    const auto first = message("m1", 1, 100);
    const auto second = message("m2", 2, 200);
    const auto info = room();
    EXPECT_EQ(info.platform, "slack");
    EXPECT_EQ(info.conversation, "C1");
    EXPECT_EQ(info.workspace, "default");
    EXPECT_FALSE(info.direct);
    EXPECT_EQ(info.first_activity_us, 100 * kSecond);
    EXPECT_EQ(info.last_activity_us, 200 * kSecond);
    EXPECT_EQ(info.last_ordinal, second);
    EXPECT_EQ(info.message_count, 2U);
    EXPECT_EQ(info.member_count, 2U);
    EXPECT_EQ(info.sealed_ordinal, second);
    const auto all = messages();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].message_id, "m2");
    EXPECT_EQ(all[1].ordinal, first);
    EXPECT_EQ(all[1].author, id_of(1));
}

TEST_F(RoomsTest, ACommandThatStandsInAMessageIsThatMessage) {
    fb::CommandReceivedT command;
    command.message_id = "m1";
    command.surface = "mention";
    const std::uint64_t at = say(EventType::command_received, command, 1, 10);
    message("m1", 1, 10);  // the same utterance, as the platform sends it a second time
    fb::CommandReceivedT slash;
    slash.interaction_id = "i1";
    say(EventType::command_received, slash, 1, 11);
    const auto all = messages();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].ordinal, at);
    EXPECT_EQ(room().message_count, 1U);
}

TEST_F(RoomsTest, ALateEventIsNoNewActivity) {
    const auto newest = message("m1", 1, 500);
    message("m2", 1, 50);
    EXPECT_EQ(room().first_activity_us, 50 * kSecond);
    EXPECT_EQ(room().last_activity_us, 500 * kSecond);
    EXPECT_EQ(room().last_ordinal, newest);
}

TEST_F(RoomsTest, AStatusMayComeBeforeItsMessage) {
    const auto delivered = status("m1", "delivered", 2, 90);
    EXPECT_FALSE(only_message().ordinal.has_value());
    const auto received = message("m1", 1, 80);
    const auto whole = only_message();
    EXPECT_EQ(whole.ordinal, received);
    EXPECT_EQ(whole.first_ordinal, delivered);
    EXPECT_EQ(whole.status, "delivered");
    EXPECT_EQ(whole.status_ordinal, delivered);
}

TEST_F(RoomsTest, TheHighestStatusStandsWhateverComesLater) {
    message("m1", 1, 10);
    status("m1", "sent", 1, 11);
    const auto read = status("m1", "read", 3, 13);
    status("m1", "delivered", 2, 14);
    status("m1", "read", 3, 15);
    EXPECT_EQ(only_message().status, "read");
    EXPECT_EQ(only_message().status_ordinal, read);
    EXPECT_EQ(room().last_activity_us, 10 * kSecond);
}

TEST_F(RoomsTest, TheNewestEditStandsWhateverComesLater) {
    message("m1", 1, 10);
    const auto newest = edit("m1", 30, 40);
    edit("m1", 20, 41);
    EXPECT_EQ(only_message().edit_ordinal, newest);
    EXPECT_EQ(only_message().edited_at_us, 30 * kSecond);
}

TEST_F(RoomsTest, AnEditOfAnUnknownMessageIsKept) {
    const auto ordinal = edit("m9", 30, 40);
    EXPECT_EQ(only_message().message_id, "m9");
    EXPECT_EQ(only_message().edit_ordinal, ordinal);
    EXPECT_FALSE(only_message().ordinal.has_value());
}

TEST_F(RoomsTest, ADeletedMessageSaysWhere) {
    message("m1", 1, 10);
    fb::MessageDeletedT payload;
    payload.message_id = "m1";
    const auto deleted = say(EventType::message_deleted, payload, 1, 20);
    EXPECT_EQ(only_message().deleted_ordinal, deleted);
}

TEST_F(RoomsTest, ReactionsAreASetAndTheNewestWordCounts) {
    message("m1", 1, 10);
    react("m1", 2, "r_a", true, 20);
    react("m1", 2, "r_a", true, 21);
    react("m1", 2, "r_b", true, 22);
    react("m1", 3, "r_a", true, 23);
    EXPECT_EQ(only_message().reactions, 3U);
    react("m1", 2, "r_a", false, 30);
    EXPECT_EQ(only_message().reactions, 2U);
    react("m1", 2, "r_a", true, 25);  // late: it was taken back since
    EXPECT_EQ(only_message().reactions, 2U);
    react("m1", 4, "r_a", false, 40);  // never heard of
    EXPECT_EQ(only_message().reactions, 2U);
}

TEST_F(RoomsTest, MembersJoinSpeakAndLeave) {
    const auto joined = join(1, 10);
    const auto spoke = message("m1", 2, 20);
    EXPECT_EQ(room().member_count, 2U);
    const auto left = leave(1, 30);
    EXPECT_EQ(room().member_count, 1U);
    const auto members = rooms::members(rows(), "slack:default:C1");
    ASSERT_EQ(members.size(), 2U);
    EXPECT_EQ(members[0].member, id_of(1));
    EXPECT_FALSE(members[0].present);
    EXPECT_EQ(members[0].joined_ordinal, joined);
    EXPECT_EQ(members[0].left_ordinal, left);
    EXPECT_FALSE(members[0].last_seen_us.has_value());
    EXPECT_TRUE(members[1].present);
    EXPECT_EQ(members[1].seen_ordinal, spoke);
    EXPECT_EQ(members[1].last_seen_us, 20 * kSecond);
    EXPECT_EQ(members[1].sealed_ordinal, spoke);
}

TEST_F(RoomsTest, WhoSpeaksAfterLeavingIsBackAndALateLeaveIsOld) {
    leave(1, 30);
    EXPECT_EQ(room().member_count, 0U);
    message("m1", 1, 40);
    EXPECT_EQ(room().member_count, 1U);
    leave(1, 35);
    EXPECT_EQ(room().member_count, 1U);
}

TEST_F(RoomsTest, AMigratedRoomPointsBothWays) {
    message("m1", 1, 10);
    migrate("C2", 20);
    EXPECT_EQ(room().migrated_to, "slack:default:C2");
    conversation_ = "C2";
    EXPECT_EQ(room().migrated_from, "slack:default:C1");
    EXPECT_EQ(room().message_count, 0U);
    message("m2", 1, 30);
    EXPECT_EQ(room().message_count, 1U);
    EXPECT_EQ(rooms::list_rooms(rows(), rooms::Kind::any, 10, "")->items.size(), 2U);
}

TEST_F(RoomsTest, ListsNewestFirstByKindPageByPage) {
    for (int i = 0; i < 7; ++i) {
        conversation_ = "C" + std::to_string(i);
        message("m", 1, 100 + i, i % 3 == 0);
    }
    conversation_ = "C2";
    message("again", 1, 900);
    const auto list = [&](rooms::Kind kind, std::size_t limit) {
        std::vector<std::string> ids;
        std::string after;
        do {
            const auto page = rooms::list_rooms(rows(), kind, limit, after).value();
            EXPECT_LE(page.items.size(), limit);
            for (const auto& item : page.items) ids.push_back(item.conversation);
            after = page.next;
        } while (!after.empty());
        return ids;
    };
    EXPECT_EQ(list(rooms::Kind::any, 3),
              (std::vector<std::string>{"C2", "C6", "C5", "C4", "C3", "C1", "C0"}));
    EXPECT_EQ(list(rooms::Kind::direct, 2), (std::vector<std::string>{"C6", "C3", "C0"}));
    EXPECT_EQ(list(rooms::Kind::room, 4), (std::vector<std::string>{"C2", "C5", "C4", "C1"}));
}

TEST_F(RoomsTest, RefusesCursorsThatAreNotItsOwn) {
    message("m1", 1, 10);
    for (const char* cursor : {"x", "zz", "41", "4161", "416100000000000000000000000000000000"}) {
        const auto page = rooms::list_rooms(rows(), rooms::Kind::any, 10, cursor);
        ASSERT_FALSE(page.has_value()) << cursor;
        EXPECT_EQ(page.error().code, "bad_cursor");
        EXPECT_EQ(page.error().field, "cursor");
    }
}

TEST_F(RoomsTest, PagesThroughMessages) {
    for (int i = 0; i < 5; ++i) message("m" + std::to_string(i), 1, 10 + i);
    const MemoryRows all = rows();
    const auto first = rooms::messages(all, "slack:default:C1", 2, std::nullopt);
    ASSERT_EQ(first.items.size(), 2U);
    EXPECT_EQ(first.items[1].message_id, "m3");
    ASSERT_TRUE(first.next.has_value());
    const auto second = rooms::messages(all, "slack:default:C1", 3, first.next);
    ASSERT_EQ(second.items.size(), 3U);
    EXPECT_EQ(second.items[0].message_id, "m2");
    EXPECT_FALSE(second.next.has_value());
}

TEST_F(RoomsTest, KeepsTheNewestMessagesAndForgetsAllOfTheRest) {
    message("first", 1, 10);
    react("first", 2, "r_a", true, 11);
    for (std::uint64_t i = 0; i < rooms::kRecentMessages; ++i)
        message("m" + std::to_string(i), 1, 20);
    EXPECT_EQ(messages().size(), rooms::kRecentMessages);
    EXPECT_EQ(messages().back().message_id, "m0");
    EXPECT_EQ(room().message_count, rooms::kRecentMessages + 1);
    edit("first", 30, 40);
    const auto anew = messages().front();
    EXPECT_EQ(anew.message_id, "first");
    EXPECT_FALSE(anew.ordinal.has_value());
    EXPECT_EQ(anew.reactions, 0U);
    EXPECT_EQ(messages().size(), rooms::kRecentMessages);

    // In any batches the same, and nothing left behind: kept messages have two rows each, and there
    // are no reactions.
    const auto whole = replay(log_, rooms_view(), {}).value().rows.rows();
    for (const std::size_t batch : {1U, 7U, 300U, 502U}) {
        EXPECT_EQ(replay(log_, rooms_view(), {}, batch).value().rows.rows(), whole) << batch;
    }
    std::map<char, std::size_t> kinds;
    for (const auto& [key, value] : whole) ++kinds[key.front()];
    EXPECT_EQ(kinds['S'], rooms::kRecentMessages);
    EXPECT_EQ(kinds['P'], rooms::kRecentMessages);
    EXPECT_EQ(kinds['X'], 0U);
}

TEST_F(RoomsTest, PrintsARoomWithMembersAndMessages) {
    message("m1", 1, 10);
    edit("m1", 15, 16);
    leave(1, 30);
    status("m2", "failed", 4, 40);
    std::vector<std::string> printed;
    rooms_view().print(rows(), 0, [&](const boost::json::object& row) {
        printed.push_back(boost::json::serialize(row));
        return true;
    });
    ASSERT_EQ(printed.size(), 1U);
    EXPECT_EQ(
        printed.front(),
        R"({"room":"slack:default:C1","workspace":"default","platform":"slack","account":"default",)"
        R"("conversation":"C1","kind":"room","firstActivity":"1970-01-01T00:00:10.000000Z",)"
        R"("lastActivity":"1970-01-01T00:00:30.000000Z","lastPosition":"0:2","messageCount":1,"memberCount":0,)"
        R"("members":[{"member":"p_01010101010101010101010101010101","bot":false,"present":false,"left":"0:2",)"
        R"("seen":"0:1","lastSeen":"1970-01-01T00:00:16.000000Z"}],)"
        R"("messages":[{"messageId":"m2","status":"failed"},{"messageId":"m1","position":"0:0",)"
        R"("author":"p_01010101010101010101010101010101","occurredAt":"1970-01-01T00:00:10.000000Z","edited":"0:1"}]})");
}

TEST_F(RoomsTest, NothingSealedStandsInItsRows) {
    random_log::RandomLog random(4);
    const auto events = random.events(400);
    log_.append_each(events);
    std::string everything;
    const MemoryRows folded = rows();
    for (const auto& [key, value] : folded.rows()) everything.append(key).append(value);
    for (const auto& event : events) {
        if (event.sealed.empty()) continue;
        const std::string sealed(event.sealed.begin(), event.sealed.end());
        EXPECT_EQ(everything.find(sealed.substr(0, 12)), std::string::npos);
    }
}

TEST_F(RoomsTest, ABadPayloadParksItsRoomOnly) {
    message("m1", 1, 10);
    domain::NewEvent poison;
    poison.type = EventType::message_received;
    poison.platform = "slack";
    poison.account = "default";
    poison.conversation = "C9";
    poison.stream = "room/slack/default/C9";
    poison.occurred_at_us = kSecond;
    poison.payload = domain::Bytes{1, 2, 3};
    log_.append(poison);
    message("m2", 1, 20);
    const auto folded = replay(log_, rooms_view(), {}).value();
    ASSERT_EQ(folded.parked.size(), 1U);
    EXPECT_EQ(folded.parked.front().key, "room slack:default:C9");
    EXPECT_EQ(room().message_count, 2U);
}

TEST_F(RoomsTest, ReplaysToAnyPointAndFromAnyPoint) {
    const auto first = message("m1", 1, 10);
    message("m2", 1, 20);
    const auto third = message("m3", 1, 30);
    ReplayRange until;
    until.to_ordinal = first;
    EXPECT_EQ(
        rooms::room(replay(log_, rooms_view(), until)->rows, "slack:default:C1")->message_count,
        1U);
    ReplayRange since;
    since.from_ordinal = third;
    const auto late = replay(log_, rooms_view(), since).value();
    EXPECT_EQ(rooms::room(late.rows, "slack:default:C1")->message_count, 1U);
    EXPECT_EQ(late.events, 1U);
    EXPECT_EQ(late.next_ordinal, third + 1);
    ReplayRange at;
    at.at_us = 20 * kSecond;  // recorded_at of this log is occurred_at
    const auto then = replay(log_, rooms_view(), at).value();
    EXPECT_EQ(then.events, 2U);
    EXPECT_EQ(then.last_recorded_at_us, 20 * kSecond);
    ReplayRange never;
    never.at_us = 1;
    EXPECT_EQ(replay(log_, rooms_view(), never)->events, 0U);
    ReplayRange past_the_end;
    past_the_end.from_ordinal = 99;
    EXPECT_EQ(replay(log_, rooms_view(), past_the_end)->events, 0U);
    EXPECT_EQ(replay(log_, rooms_view(), past_the_end)->next_ordinal, third + 1);
}

TEST_F(RoomsTest, ARangeMayBeginAndEndInsideACommit) {
    random_log::RandomLog random(6);
    const auto events = random.events(30);
    log_.append(events);
    ReplayRange range;
    range.from_ordinal = 7;
    range.to_ordinal = 19;
    EXPECT_EQ(replay(log_, rooms_view(), range)->events, 13U);
    EXPECT_EQ(replay(log_, rooms_view(), range, 1)->rows.rows(),
              replay(log_, rooms_view(), range)->rows.rows());
}

}  // namespace decklog::projections::rooms_test
