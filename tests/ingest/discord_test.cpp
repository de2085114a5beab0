// Discord: interactions answered in the same breath, handshakes, forwarded gateway entries.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/ingest/harbour.hpp"

namespace decklog::ingest::discord_test {

using harbour::Harbour;

std::string interaction(int type, const std::string& rest,
                        const std::string& id = "938421734825140264") {
    return R"({"application_id":"658822586720976907","token":"aW50ZXJhY3Rpb24=","version":1,"type":)" +
           std::to_string(type) + R"(,"id":")" + id + R"(",)" + rest + "}";
}
constexpr const char* kInGuild =
    R"("guild_id":"561884984214814744","channel_id":"938391701561679903","member":{"nick":"Snab","roles":["561885635074457600"],"user":{"id":"115590097100865541","username":"Faster Speeding"}})";
constexpr const char* kOps =
    R"("data":{"id":"1","name":"ops","type":1,"options":[{"type":1,"name":"refresh","options":[{"type":3,"name":"bucket","value":"all"},{"type":5,"name":"force","value":true}]}]})";

TEST(DiscordHandshake, PingsAreAnsweredAndNotStored) {
    Harbour harbour;
    const HookAnswer pong = harbour.post(
        Platform::discord, R"({"application_id":"1","id":"2","token":"t","type":1,"version":1})");
    EXPECT_EQ(pong.status, 200);
    EXPECT_EQ(pong.body, R"({"type":1})");
    EXPECT_EQ(pong.content_type, "application/json");
    const HookAnswer webhook_events =
        harbour.post(Platform::discord, R"({"version":1,"application_id":"1","type":0})");
    EXPECT_EQ(webhook_events.status, 204);
    EXPECT_TRUE(webhook_events.body.empty());
    EXPECT_TRUE(harbour.stored().empty());
}

TEST(DiscordCommand, IsAnsweredToTheAskerAloneAndRepeatsNothing) {
    Harbour harbour;
    const std::string body = interaction(2, std::string(kInGuild) + "," + kOps);
    const HookAnswer answer = harbour.post(Platform::discord, body);
    const auto json = boost::json::parse(answer.body);
    EXPECT_EQ(json.at("type").as_int64(), 4);
    EXPECT_EQ(json.at("data").at("flags").as_int64(), 64);
    EXPECT_TRUE(json.at("data").at("allowed_mentions").at("parse").as_array().empty());
    const auto event = harbour.last();
    const std::string content(json.at("data").at("content").as_string());
    EXPECT_NE(content.find(domain::to_cursor(harbour.ledger->ledger_id(), event.position)),
              std::string::npos);
    EXPECT_EQ(content.find("ops"), std::string::npos);
    EXPECT_EQ(harbour.post(Platform::discord, body).body, answer.body);
    EXPECT_EQ(harbour.stored().size(), 1U);

    EXPECT_EQ(event.type, "CommandReceived");
    EXPECT_EQ(event.conversation, "938391701561679903");
    EXPECT_EQ(event.payload_as<fb::CommandReceived>().interaction_id, "938421734825140264");
    EXPECT_EQ(event.occurred_at_us, 1'643'807'576'615'000);
    const auto personal = harbour.personal(event);
    EXPECT_EQ(personal.text, "/ops refresh bucket:all force:true");
    EXPECT_EQ(personal.display_name, "Snab");
    EXPECT_EQ(personal.roles, std::vector<std::string>{"561885635074457600"});
    EXPECT_EQ(harbour.raw_body(event).find("aW50ZXJhY3Rpb24="), std::string::npos);
    EXPECT_EQ(harbour.raw_body(event).size(), body.size());
}

TEST(DiscordComponent, InADirectChannelHidesTheChannel) {
    Harbour harbour;
    const std::string body = interaction(
        3,
        R"("channel_id":"1457500000000000000","channel":{"id":"1457500000000000000","type":1},"user":{"id":"115590097100865541","username":"u"},"message":{"id":"1457536567810854934"},"data":{"component_type":2,"custom_id":"dm-action"})");
    EXPECT_EQ(boost::json::parse(harbour.post(Platform::discord, body).body).at("type").as_int64(),
              4);
    const auto event = harbour.last();
    EXPECT_EQ(event.type, "ComponentUsed");
    EXPECT_TRUE(event.conversation.starts_with("c_"));
    EXPECT_TRUE(event.payload_as<fb::ComponentUsed>().room_direct);
    EXPECT_EQ(event.payload_as<fb::ComponentUsed>().component_kind, "button");
    EXPECT_EQ(event.payload_as<fb::ComponentUsed>().message_id, "1457536567810854934");
    EXPECT_EQ(harbour.personal(event).text, "dm-action");
    EXPECT_EQ(harbour.native(event, "room"), "1457500000000000000");
}

TEST(DiscordModal, IsAComponentAndAutocompleteIsAnsweredWithoutChoices) {
    Harbour harbour;
    harbour.post(
        Platform::discord,
        interaction(5, std::string(kInGuild) + R"(,"data":{"custom_id":"form","components":[]})",
                    "938421734825140265"));
    EXPECT_EQ(harbour.last().payload_as<fb::ComponentUsed>().component_kind, "modal");
    const HookAnswer answer =
        harbour.post(Platform::discord,
                     interaction(4, std::string(kInGuild) + "," + kOps, "938421734825140266"));
    EXPECT_EQ(answer.body, R"({"type":8,"data":{"choices":[]}})");
    EXPECT_EQ(harbour.last().payload_as<fb::UnrecognisedReceived>().field,
              "interaction.autocomplete");
    EXPECT_TRUE(harbour.last().subject.has_value())
        << "whose raw body it is must be known when they are forgotten";
}

TEST(DiscordBody, WebhookEventsAndForwardedEntriesAreKeptUnderTheirName) {
    Harbour harbour;
    EXPECT_EQ(
        harbour
            .post(
                Platform::discord,
                R"({"version":1,"application_id":"1","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2024-10-18T14:42:53.064834","data":{}}})")
            .status,
        204);
    EXPECT_EQ(harbour.last().payload_as<fb::UnrecognisedReceived>().field,
              "APPLICATION_AUTHORIZED");
    const HookAnswer answer = harbour.post(
        Platform::discord, R"({"type":"GATEWAY_MESSAGE_CREATE","timestamp":1,"data":{"id":"1"}})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.empty());
    EXPECT_EQ(harbour.last().payload_as<fb::UnrecognisedReceived>().field,
              "GATEWAY_MESSAGE_CREATE");
}

}  // namespace decklog::ingest::discord_test
