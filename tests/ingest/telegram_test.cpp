// Telegram updates as events: names and rooms, commands, spans, members, reactions, and ids that
// come again.
#include <gtest/gtest.h>

#include "tests/ingest/harbour.hpp"

namespace decklog::ingest::telegram_test {

using harbour::Harbour;

constexpr const char* kFrom =
    R"("from":{"id":77001122,"is_bot":false,"first_name":"Ada","last_name":"Byron","username":"countess"})";
constexpr const char* kGroup = R"("chat":{"id":-100555,"type":"supergroup","title":"Bridge crew"})";

std::string group_message(int update_id, const std::string& rest, int message_id = 9,
                          int date = 1'700'000'000) {
    return R"({"update_id":)" + std::to_string(update_id) + R"(,"message":{"message_id":)" +
           std::to_string(message_id) + R"(,"date":)" + std::to_string(date) + "," + kFrom + "," +
           kGroup + "," + rest + "}}";
}

TEST(TelegramMessage, StandsInItsRoomWithItsAuthorSealed) {
    Harbour harbour;
    ASSERT_EQ(
        harbour
            .post(Platform::telegram,
                  group_message(
                      1,
                      R"("text":"Ahoy","message_thread_id":4,"reply_to_message":{"message_id":8})"))
            .status,
        200);
    const auto event = harbour.last();
    EXPECT_EQ(event.type, "MessageReceived");
    EXPECT_EQ(event.conversation, "-100555");
    EXPECT_EQ(event.stream, "room/telegram/default/-100555");
    EXPECT_EQ(event.actor_type, "person");
    EXPECT_EQ(event.actor_id, domain::to_text(*event.subject));
    EXPECT_EQ(event.recorded_by, "hook:telegram:default");
    EXPECT_EQ(event.occurred_at_us, 1'700'000'000'000'000);
    const auto payload = event.payload_as<fb::MessageReceived>();
    EXPECT_EQ(payload.message_id, "9");
    EXPECT_EQ(payload.thread, "4");
    EXPECT_EQ(payload.reply_to, "8");
    EXPECT_EQ(payload.content_kind, "text");
    EXPECT_FALSE(payload.room_direct);
    const auto personal = harbour.personal(event);
    EXPECT_EQ(personal.text, "Ahoy");
    EXPECT_EQ(personal.display_name, "Ada Byron");
    EXPECT_EQ(personal.room_title, "Bridge crew");
    EXPECT_EQ(harbour.native(event, "actor"), "77001122");
    EXPECT_EQ(harbour.native(event, "username"), "countess");
}

TEST(TelegramMessage, InAPrivateChatTheConversationIsThePerson) {
    Harbour harbour;
    const std::string chat = R"("chat":{"id":77001122,"type":"private","first_name":"Ada"})";
    harbour.post(Platform::telegram,
                 R"({"update_id":1,"message":{"message_id":9,"date":1700000000,)" +
                     std::string(kFrom) + "," + chat + R"(,"text":"hi"}})");
    const auto event = harbour.last();
    EXPECT_EQ(event.conversation, event.actor_id);
    EXPECT_EQ(event.conversation, domain::to_text(*event.subject));
    EXPECT_TRUE(event.payload_as<fb::MessageReceived>().room_direct);
    EXPECT_EQ(harbour.native(event, "room"), "77001122");
}

TEST(TelegramMessage, AChannelThatPostsIsItsOwnActor) {
    Harbour harbour;
    harbour.post(
        Platform::telegram,
        R"({"update_id":1,"channel_post":{"message_id":9,"date":1700000000,"chat":{"id":-100777,"type":"channel","title":"News"},"text":"Landfall"}})");
    const auto event = harbour.last();
    EXPECT_EQ(event.actor_type, "room");
    EXPECT_EQ(event.actor_id, "-100777");
    EXPECT_EQ(harbour.personal(event).text, "Landfall");
}

TEST(TelegramMessage, AnAnonymousAdministratorIsTheGroup) {
    Harbour harbour;
    harbour.post(
        Platform::telegram,
        group_message(1, R"("sender_chat":{"id":-100555,"type":"supergroup"},"text":"Orders")"));
    const auto event = harbour.last();
    EXPECT_EQ(event.actor_type, "room");
    EXPECT_EQ(event.actor_id, "-100555");
    EXPECT_EQ(harbour.native(event, "actor"), "");
}

TEST(TelegramMessage, SpansCountCodePoints) {
    Harbour harbour;
    // The emoji are two UTF-16 units each: offset 10 and length 4 there are 6 and 4 in code points.
    harbour.post(
        Platform::telegram,
        group_message(
            1,
            R"("text":"😆👍😆👍é bold","entities":[{"type":"bold","offset":10,"length":4},{"type":"text_link","offset":0,"length":4,"url":"https://e.example/"},{"type":"italic","offset":1,"length":999},{"type":"bold","offset":-1,"length":2}])"));
    const auto personal = harbour.personal(harbour.last());
    ASSERT_EQ(personal.spans.size(), 3U);
    EXPECT_EQ(personal.spans[0]->offset, 6U);
    EXPECT_EQ(personal.spans[0]->length, 4U);
    EXPECT_EQ(personal.spans[1]->offset, 0U);
    EXPECT_EQ(personal.spans[1]->length, 2U);
    EXPECT_EQ(personal.spans[1]->target, "https://e.example/");
    EXPECT_EQ(personal.spans[2]->offset + personal.spans[2]->length, 10U);
}

TEST(TelegramMessage, TheLargestPictureIsTheAttachment) {
    Harbour harbour;
    harbour.post(
        Platform::telegram,
        group_message(
            1,
            R"("photo":[{"file_id":"small","file_size":1},{"file_id":"large","file_size":9}],"caption":"Reef")"));
    const auto event = harbour.last();
    EXPECT_EQ(event.payload_as<fb::MessageReceived>().attachment_count, 1U);
    const auto personal = harbour.personal(event);
    EXPECT_EQ(personal.text, "Reef");
    ASSERT_EQ(personal.attachments.size(), 1U);
    EXPECT_EQ(personal.attachments[0]->native_ref, "large");
}

TEST(TelegramMessage, WhatIsNotAPlausibleTimeIsNow) {
    Harbour harbour;
    for (const char* date : {"0", "-5", "9223372036854775807", "1790000301", "\"x\""}) {
        const std::string body =
            R"({"update_id":)" +
            std::to_string(1000 + static_cast<int>(std::string(date).size()) + date[0]) +
            R"(,"message":{"message_id":9,"date":)" + date + "," + kFrom + "," + kGroup +
            R"(,"text":"t"}})";
        ASSERT_EQ(harbour.post(Platform::telegram, body).status, 200);
        EXPECT_EQ(harbour.last().occurred_at_us, harbour.clock.now_us()) << date;
    }
}

TEST(TelegramCommand, KeepsItsMessageIdAndItsWordsSealed) {
    Harbour harbour;
    harbour.post(
        Platform::telegram,
        group_message(
            1,
            R"("text":"/ops@bot status","entities":[{"type":"bot_command","offset":0,"length":8}])"));
    const auto event = harbour.last();
    EXPECT_EQ(event.type, "CommandReceived");
    EXPECT_EQ(event.payload_as<fb::CommandReceived>().surface, "text");
    EXPECT_EQ(event.payload_as<fb::CommandReceived>().message_id, "9");
    EXPECT_EQ(harbour.personal(event).text, "/ops@bot status");
    EXPECT_EQ(harbour.log_bytes().find("/ops"), std::string::npos);
}

TEST(TelegramCommand, OnlyAtTheStartOfANewMessage) {
    Harbour harbour;
    harbour.post(
        Platform::telegram,
        group_message(
            1, R"("text":"see /ops","entities":[{"type":"bot_command","offset":4,"length":4}])"));
    EXPECT_EQ(harbour.last().type, "MessageReceived");
    harbour.post(Platform::telegram, group_message(2, R"("text":"/usr/bin is a path")", 10));
    EXPECT_EQ(harbour.last().type, "MessageReceived");
    std::string edit = group_message(
        3,
        R"("edit_date":1700000100,"text":"/ops","entities":[{"type":"bot_command","offset":0,"length":4}])",
        11);
    edit.replace(edit.find("\"message\""), 9, "\"edited_message\"");
    harbour.post(Platform::telegram, edit);
    EXPECT_EQ(harbour.last().type, "MessageEdited");
    EXPECT_EQ(harbour.last().payload_as<fb::MessageEdited>().edited_at, 1'700'000'100'000'000);
}

TEST(TelegramMembers, EachWhoCameIsOneEventAboutThem) {
    Harbour harbour;
    const std::string update = group_message(
        1,
        R"("new_chat_members":[{"id":501,"first_name":"Bea"},{"id":502,"first_name":"Cy","is_bot":true}])");
    harbour.post(Platform::telegram, update);
    const auto events = harbour.stored();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_NE(events[0].subject, events[1].subject);
    EXPECT_EQ(events[0].payload_as<fb::MemberJoined>().member, domain::to_text(*events[0].subject));
    EXPECT_EQ(events[0].actor_id, events[1].actor_id);
    EXPECT_EQ(harbour.personal(events[0]).display_name, "Bea");
    EXPECT_EQ(harbour.native(events[1], "member"), "502");
    harbour.post(Platform::telegram, update);
    EXPECT_EQ(harbour.stored().size(), 2U);
}

TEST(TelegramMembers, AChangeOfStatusSaysInOrOut) {
    Harbour harbour;
    const auto change = [&](int id, const std::string& status) {
        harbour.post(
            Platform::telegram,
            R"({"update_id":)" + std::to_string(id) + R"(,"chat_member":{"date":1700000000,)" +
                std::string(kFrom) + "," + kGroup +
                R"(,"old_chat_member":{"status":"left","user":{"id":501}},"new_chat_member":{)" +
                status + R"(,"user":{"id":501,"first_name":"Bea"}}}})");
        return harbour.last().type;
    };
    EXPECT_EQ(change(1, R"("status":"member")"), "MemberJoined");
    EXPECT_EQ(change(2, R"("status":"restricted","is_member":true)"), "MemberJoined");
    EXPECT_EQ(change(3, R"("status":"restricted","is_member":false)"), "MemberLeft");
    EXPECT_EQ(change(4, R"("status":"administrator")"), "MemberJoined");
    EXPECT_EQ(harbour.personal(harbour.last()).roles, std::vector<std::string>{"administrator"});
    EXPECT_EQ(change(5, R"("status":"kicked")"), "MemberLeft");
}

TEST(TelegramReaction, IsTheReactorsWholeState) {
    Harbour harbour;
    const auto react = [&](int id, const std::string& now) {
        harbour.post(
            Platform::telegram,
            R"({"update_id":)" + std::to_string(id) +
                R"(,"message_reaction":{"message_id":9,"date":1700000000,"user":{"id":501,"first_name":"Bea"},)" +
                kGroup + R"(,"old_reaction":[],"new_reaction":[)" + now + "]}}");
        return harbour.last();
    };
    const auto set = react(1, R"({"type":"emoji","emoji":"👍"},{"type":"paid"})");
    EXPECT_EQ(set.type, "ReactionSet");
    EXPECT_EQ(set.payload_as<fb::ReactionSet>().message_id, "9");
    EXPECT_EQ(set.payload_as<fb::ReactionSet>().reactor, set.actor_id);
    EXPECT_EQ(set.payload_as<fb::ReactionSet>().reaction, "");
    EXPECT_EQ(harbour.personal(set).text, "👍 paid");
    EXPECT_EQ(react(2, "").type, "ReactionCleared");
}

TEST(TelegramRoom, MigrationIsToldFromBothSides) {
    Harbour harbour;
    harbour.post(
        Platform::telegram,
        R"({"update_id":1,"message":{"message_id":9,"date":1700000000,"chat":{"id":-55,"type":"group"},"migrate_to_chat_id":-10055}})");
    EXPECT_EQ(harbour.last().payload_as<fb::RoomMigrated>().from_room, "-55");
    EXPECT_EQ(harbour.last().payload_as<fb::RoomMigrated>().to_room, "-10055");
    harbour.post(
        Platform::telegram,
        R"({"update_id":2,"message":{"message_id":1,"date":1700000000,"chat":{"id":-10055,"type":"supergroup"},"migrate_from_chat_id":-55}})");
    EXPECT_EQ(harbour.last().payload_as<fb::RoomMigrated>().from_room, "-55");
    EXPECT_EQ(harbour.last().payload_as<fb::RoomMigrated>().to_room, "-10055");
}

TEST(TelegramCallback, HidesAnIdThatBeginsWithTheUsers) {
    Harbour harbour;
    harbour.post(Platform::telegram,
                 R"({"update_id":1,"callback_query":{"id":"330717302178873344",)" +
                     std::string(kFrom) + R"(,"message":{"message_id":9,"date":0,)" + kGroup +
                     R"(},"data":"approve:7"}})");
    const auto event = harbour.last();
    const auto payload = event.payload_as<fb::ComponentUsed>();
    EXPECT_TRUE(payload.interaction_id.starts_with("i_"));
    EXPECT_EQ(payload.message_id, "9");
    EXPECT_EQ(event.conversation, "-100555");
    EXPECT_EQ(harbour.personal(event).text, "approve:7");
}

TEST(TelegramUpdateId, ComingAgainForSomethingElseIsANewEvent) {
    Harbour harbour;
    const std::string first = group_message(42, R"("text":"one")", 9);
    const std::string other = group_message(42, R"("text":"two")", 10, 1'700'600'000);
    harbour.post(Platform::telegram, first);
    harbour.post(Platform::telegram, other);
    EXPECT_EQ(harbour.stored().size(), 2U);
    EXPECT_EQ(harbour.counts.of(Platform::telegram, "id_reused"), 1U);
    for (int i = 0; i < 3; ++i) {
        harbour.post(Platform::telegram, first);
        harbour.post(Platform::telegram, other);
    }
    EXPECT_EQ(harbour.stored().size(), 2U);
    EXPECT_EQ(harbour.counts.of(Platform::telegram, "repeated"), 6U);
    EXPECT_EQ(harbour.counts.of(Platform::telegram, "id_reused"), 1U);
}

TEST(TelegramUpdateId, TheSameMessageWrittenDifferentlyIsARepeat) {
    Harbour harbour;
    harbour.post(Platform::telegram, group_message(42, R"("text":"one")"));
    harbour.post(Platform::telegram, group_message(42, R"("text" : "one")"));
    EXPECT_EQ(harbour.stored().size(), 1U);
}

TEST(TelegramBody, IsKeptAndOpensAgain) {
    Harbour harbour;
    const std::string update = group_message(1, R"("text":"Ahoy")");
    harbour.post(Platform::telegram, update);
    const auto event = harbour.last();
    ASSERT_TRUE(event.raw.has_value());
    EXPECT_EQ(event.raw->length, update.size());
    EXPECT_EQ(event.raw->day, harbour.clock.now_us() / 86'400'000'000);
    EXPECT_EQ(harbour.raw_body(event), update);
}

}  // namespace decklog::ingest::telegram_test
