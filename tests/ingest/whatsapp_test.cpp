// WhatsApp: nested batches item by item, statuses as a lattice, groups person by person, people
// without a number.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/ingest/harbour.hpp"

namespace decklog::ingest::whatsapp_test {

using harbour::Harbour;

std::string value_of(const std::string& rest) {
    return R"({"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"1065"},)" +
           rest + "}";
}
std::string change_of(const std::string& field, const std::string& rest) {
    return R"({"field":")" + field + R"(","value":)" + value_of(rest) + "}";
}
std::string body_of(const std::string& changes) {
    return R"({"object":"whatsapp_business_account","entry":[{"id":"1","changes":[)" + changes +
           "]}]}";
}
std::string text_message(const std::string& id, const std::string& text,
                         const std::string& from = "4915112345678") {
    return R"({"from":")" + from + R"(","id":")" + id +
           R"(","timestamp":"1749416383","type":"text","text":{"body":")" + text + R"("}})";
}

TEST(WhatsAppMessage, NeitherNumberNorWamidStandsInTheClear) {
    Harbour harbour;
    harbour.post(
        Platform::whatsapp,
        body_of(change_of(
            "messages",
            R"("contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"4915112345678"}],"messages":[)" +
                text_message("wamid.A", "Ahoy") + "]")));
    const auto event = harbour.last();
    EXPECT_EQ(event.type, "MessageReceived");
    EXPECT_EQ(event.conversation, domain::to_text(*event.subject));
    EXPECT_EQ(event.actor_id, event.conversation);
    EXPECT_TRUE(event.payload_as<fb::MessageReceived>().message_id.starts_with("m_"));
    EXPECT_EQ(event.occurred_at_us, 1'749'416'383'000'000);
    EXPECT_EQ(harbour.personal(event).display_name, "Sheena Nelson");
    EXPECT_EQ(harbour.native(event, "message"), "wamid.A");
    EXPECT_EQ(harbour.native(event, "actor"), "4915112345678");
    for (const char* hidden : {"4915112345678", "wamid", "Sheena", "Ahoy", "15550783881"}) {
        EXPECT_EQ(harbour.log_bytes().find(hidden), std::string::npos) << hidden;
    }
}

TEST(WhatsAppBatch, OneTooLargeItemDoesNotFailItsNeighbours) {
    Harbour harbour;
    const std::string large(600 * 1024, 'a');
    const std::string body =
        body_of(change_of("messages", R"("messages":[)" + text_message("wamid.1", "one") + "," +
                                          text_message("wamid.2", large) + "]") +
                "," +
                change_of("messages", R"("messages":[)" + text_message("wamid.3", "three") + "," +
                                          R"({"no":"id"})" + "]"));
    EXPECT_EQ(harbour.post(Platform::whatsapp, body).status, 200);
    const auto events = harbour.stored();
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0].type, "MessageReceived");
    EXPECT_EQ(events[1].type, "UnrecognisedReceived");
    EXPECT_EQ(events[2].type, "MessageReceived");
    EXPECT_EQ(events[3].type, "UnrecognisedReceived");
    const auto large_item = events[1].payload_as<fb::UnrecognisedReceived>();
    EXPECT_TRUE(large_item.too_large);
    EXPECT_EQ(large_item.body_length, text_message("wamid.2", large).size());
    ASSERT_NE(large_item.body_hash, nullptr);
    EXPECT_EQ(events[3].payload_as<fb::UnrecognisedReceived>().field, "messages");
    EXPECT_EQ(harbour.counts.of(Platform::whatsapp, "too_large"), 1U);
    EXPECT_EQ(harbour.counts.of(Platform::whatsapp, "unrecognised"), 1U);
    EXPECT_EQ(harbour.counts.of(Platform::whatsapp, "accepted"), 2U);
    for (const auto& event : events) EXPECT_EQ(event.raw->id, events[0].raw->id);
    EXPECT_EQ(harbour.raw_body(events[0]), body);

    harbour.post(Platform::whatsapp, body);
    EXPECT_EQ(harbour.stored().size(), 4U);
}

TEST(WhatsAppBatch, AnotherBatchingOfTheSameItemsAddsOnlyTheNewOne) {
    Harbour harbour;
    harbour.post(Platform::whatsapp,
                 body_of(change_of("messages", R"("messages":[)" + text_message("wamid.1", "one") +
                                                   "," + text_message("wamid.2", "two") + "]")));
    harbour.post(
        Platform::whatsapp,
        body_of(change_of("messages", R"("messages":[)" + text_message("wamid.3", "three") + "," +
                                          text_message("wamid.1", "one") + "]")));
    EXPECT_EQ(harbour.stored().size(), 3U);
    EXPECT_EQ(harbour.counts.of("repeated"), 1U);
    harbour.post(Platform::whatsapp,
                 body_of(change_of("messages",
                                   R"("messages":[)" + text_message("wamid.1", "changed") + "]")));
    EXPECT_EQ(harbour.stored().size(), 3U);
    EXPECT_EQ(harbour.counts.of("content_differs"), 1U);
}

TEST(WhatsAppStatus, CarriesItsRankAndBelongsToTheRecipient) {
    Harbour harbour;
    const auto status = [](const std::string& word, const std::string& more = "") {
        return R"({"id":"wamid.S","status":")" + word +
               R"(","timestamp":"1698266945","recipient_id":"4915112345678")" + more + "}";
    };
    harbour.post(
        Platform::whatsapp,
        body_of(change_of("messages",
                          R"("statuses":[)" + status("read") + "," + status("sent") + "," +
                              status("failed", R"(,"errors":[{"code":130472,"title":"x"}])") + "," +
                              status("vanished") + "]")));
    const auto events = harbour.stored();
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0].type, "DeliveryStatusReported");
    EXPECT_GT(events[0].payload_as<fb::DeliveryStatusReported>().rank,
              events[1].payload_as<fb::DeliveryStatusReported>().rank);
    EXPECT_EQ(events[0].payload_as<fb::DeliveryStatusReported>().recipient,
              domain::to_text(*events[0].subject));
    EXPECT_EQ(events[0].conversation, domain::to_text(*events[0].subject));
    EXPECT_EQ(events[2].payload_as<fb::DeliveryStatusReported>().error_code, 130472);
    EXPECT_GT(events[2].payload_as<fb::DeliveryStatusReported>().rank,
              events[1].payload_as<fb::DeliveryStatusReported>().rank);
    EXPECT_EQ(events[3].payload_as<fb::DeliveryStatusReported>().rank, 0U);
    EXPECT_EQ(harbour.native(events[0], "recipient"), "4915112345678");
}

TEST(WhatsAppGroup, EachParticipantIsOneEventAndIdsMayBeNumbers) {
    Harbour harbour;
    const std::string added =
        R"("groups":[{"timestamp":"1750269342","group_id":"Y2FwaV9ncm91cDoxODA1NTU1MDE3Mjox","type":"group_create","request_id":"R1","subject":"Crew","added_participants":[{"input":16505551234,"wa_id":16505551234},{"wa_id":"16505551235"}]}])";
    harbour.post(Platform::whatsapp, body_of(change_of("group_lifecycle_update", added)));
    const auto events = harbour.stored();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].type, "MemberJoined");
    EXPECT_NE(events[0].subject, events[1].subject);
    EXPECT_TRUE(events[0].conversation.starts_with("c_"));
    EXPECT_EQ(events[0].conversation, events[1].conversation);
    EXPECT_EQ(harbour.native(events[0], "member"), "16505551234");
    EXPECT_EQ(harbour.personal(events[0]).room_title, "Crew");
    EXPECT_EQ(harbour.log_bytes().find("Y2FwaV9ncm91"), std::string::npos);
    harbour.post(Platform::whatsapp, body_of(change_of("group_lifecycle_update", added)));
    EXPECT_EQ(harbour.stored().size(), 2U);
}

TEST(WhatsAppPerson, AUserIdServesWhereThereIsNoNumber) {
    Harbour harbour;
    harbour.post(
        Platform::whatsapp,
        body_of(change_of(
            "messages",
            R"("contacts":[{"profile":{"name":"Nemo"},"user_id":"US.1234"}],"messages":[{"from_user_id":"US.1234","id":"wamid.U","timestamp":"1749416383","type":"text","text":{"body":"hi"}}])")));
    const auto event = harbour.last();
    EXPECT_EQ(event.type, "MessageReceived");
    EXPECT_EQ(harbour.native(event, "actor"), "US.1234");
    EXPECT_EQ(harbour.personal(event).display_name, "Nemo");
}

TEST(WhatsAppMessage, EditsAndRevokesNameTheOriginal) {
    Harbour harbour;
    harbour.post(Platform::whatsapp,
                 body_of(change_of("messages",
                                   R"("messages":[)" + text_message("wamid.O", "before") + "]")));
    const std::string original = harbour.last().payload_as<fb::MessageReceived>().message_id;
    harbour.post(
        Platform::whatsapp,
        body_of(change_of(
            "messages",
            R"("messages":[{"from":"4915112345678","id":"wamid.E","timestamp":"1749416390","type":"edit","edit":{"original_message_id":"wamid.O","message":{"type":"text","text":{"body":"after"}}}}])")));
    EXPECT_EQ(harbour.last().type, "MessageEdited");
    EXPECT_EQ(harbour.last().payload_as<fb::MessageEdited>().message_id, original);
    EXPECT_EQ(harbour.personal(harbour.last()).text, "after");
    harbour.post(
        Platform::whatsapp,
        body_of(change_of(
            "messages",
            R"("messages":[{"from":"4915112345678","id":"wamid.R","timestamp":"1749416391","type":"revoke","revoke":{"original_message_id":"wamid.O"}}])")));
    EXPECT_EQ(harbour.last().type, "MessageDeleted");
    EXPECT_EQ(harbour.last().payload_as<fb::MessageDeleted>().message_id, original);
}

TEST(WhatsAppMessage, AnEmptyReactionClears) {
    Harbour harbour;
    const auto react = [&](const std::string& id, const std::string& reaction) {
        harbour.post(
            Platform::whatsapp,
            body_of(change_of(
                "messages",
                R"("messages":[{"from":"4915112345678","id":")" + id +
                    R"(","timestamp":"1749416391","type":"reaction","reaction":{"message_id":"wamid.O")" +
                    reaction + "}}]")));
        return harbour.last().type;
    };
    EXPECT_EQ(react("wamid.1", R"(,"emoji":"👍")"), "ReactionSet");
    EXPECT_EQ(react("wamid.2", R"(,"emoji":"")"), "ReactionCleared");
    EXPECT_EQ(react("wamid.3", ""), "ReactionCleared");
}

TEST(WhatsAppMessage, ANewNumberMovesTheRoom) {
    Harbour harbour;
    harbour.post(
        Platform::whatsapp,
        body_of(change_of(
            "messages",
            R"("messages":[{"from":"16505551234","id":"wamid.N","timestamp":"1749416391","type":"system","system":{"body":"User changed","wa_id":"12195555358","type":"user_changed_number"}}])")));
    const auto moved = harbour.last().payload_as<fb::RoomMigrated>();
    EXPECT_EQ(moved.from_room, harbour.last().conversation);
    EXPECT_TRUE(moved.to_room.starts_with("p_"));
    EXPECT_NE(moved.to_room, moved.from_room);
    harbour.post(
        Platform::whatsapp,
        body_of(change_of(
            "messages",
            R"("messages":[)" + text_message("wamid.after", "me again", "12195555358") + "]")));
    EXPECT_EQ(harbour.last().conversation, moved.to_room);
}

TEST(WhatsAppBody, OtherFieldsAreKeptUnderTheirName) {
    Harbour harbour;
    harbour.post(Platform::whatsapp, body_of(change_of("account_update", R"("event":"X")") + "," +
                                             change_of("a b<c>", R"("event":"Y")")));
    const auto events = harbour.stored();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].payload_as<fb::UnrecognisedReceived>().field, "account_update");
    EXPECT_EQ(events[1].payload_as<fb::UnrecognisedReceived>().field, "other");
}

}  // namespace decklog::ingest::whatsapp_test
