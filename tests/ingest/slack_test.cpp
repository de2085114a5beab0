// Slack: events, forms, the two faces of a mention, direct messages, bearer values.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/ingest/harbour.hpp"

namespace decklog::ingest::slack_test {

using harbour::Harbour;

constexpr const char* kForm = "application/x-www-form-urlencoded";

std::string callback(const std::string& event_id, const std::string& event) {
    return R"({"token":"verification-token-1","team_id":"T0ADGE2G4EM","api_app_id":"A1","type":"event_callback","event_id":")" +
           event_id +
           R"(","event_time":1771442483,"authorizations":[{"user_id":"UBOT","is_bot":true}],"event":)" +
           event + "}";
}

TEST(SlackMessage, StandsInItsChannelAndThread) {
    Harbour harbour;
    harbour.post(
        Platform::slack,
        callback(
            "Ev1",
            R"({"type":"message","user":"U0ADXQT6CRW","text":"Ahoy","ts":"1771442483.260129","thread_ts":"1771442400.000100","channel":"C024BE","channel_type":"channel","event_ts":"1771442483.260129"})"));
    const auto event = harbour.last();
    EXPECT_EQ(event.conversation, "C024BE");
    EXPECT_EQ(event.occurred_at_us, 1'771'442'483'260'129);
    EXPECT_EQ(event.payload_as<fb::MessageReceived>().message_id, "1771442483.260129");
    EXPECT_EQ(event.payload_as<fb::MessageReceived>().thread, "1771442400.000100");
    EXPECT_EQ(harbour.personal(event).text, "Ahoy");
    EXPECT_EQ(harbour.native(event, "actor"), "U0ADXQT6CRW");
}

TEST(SlackMessage, ADirectChannelIsAHashOfItsId) {
    Harbour harbour;
    harbour.post(
        Platform::slack,
        callback(
            "Ev1",
            R"({"type":"message","user":"U0ADXQT6CRW","text":"psst","ts":"1771442483.260129","channel":"D0ACX51K95H","channel_type":"im","event_ts":"1771442483.260129"})"));
    const auto event = harbour.last();
    EXPECT_EQ(event.conversation.size(), 34U);
    EXPECT_TRUE(event.conversation.starts_with("c_"));
    EXPECT_TRUE(event.payload_as<fb::MessageReceived>().room_direct);
    EXPECT_EQ(harbour.native(event, "room"), "D0ACX51K95H");
    EXPECT_EQ(harbour.log_bytes().find("D0ACX51K95H"), std::string::npos);
}

TEST(SlackMention, IsACommandBesideItsMessage) {
    Harbour harbour;
    const std::string rest =
        R"(,"user":"U0ADXQT6CRW","text":"<@UBOT> status","ts":"1771442483.260129","channel":"C024BE","event_ts":"1771442483.260129"})";
    harbour.post(Platform::slack, callback("Ev1", R"({"type":"message")" + rest));
    harbour.post(Platform::slack, callback("Ev2", R"({"type":"app_mention")" + rest));
    const auto events = harbour.stored();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].type, "MessageReceived");
    EXPECT_EQ(events[1].type, "CommandReceived");
    EXPECT_EQ(events[1].payload_as<fb::CommandReceived>().surface, "mention");
    EXPECT_EQ(events[1].payload_as<fb::CommandReceived>().message_id,
              events[0].payload_as<fb::MessageReceived>().message_id);
}

TEST(SlackMessage, ChangesDeletionsAndUnfurlsAreToldApart) {
    Harbour harbour;
    const auto changed = [&](const std::string& id, const std::string& text,
                             const std::string& more) {
        harbour.post(
            Platform::slack,
            callback(
                id,
                R"({"type":"message","subtype":"message_changed","channel":"C024BE","event_ts":"1771442490.000000","message":{"user":"U1","text":")" +
                    text + R"(","ts":"1771442483.260129")" + more +
                    R"(},"previous_message":{"user":"U1","text":"before","ts":"1771442483.260129"}})"));
        return harbour.last();
    };
    const auto edit =
        changed("Ev1", "after", R"(,"edited":{"user":"U1","ts":"1771442489.000000"})");
    EXPECT_EQ(edit.type, "MessageEdited");
    EXPECT_EQ(edit.payload_as<fb::MessageEdited>().message_id, "1771442483.260129");
    EXPECT_EQ(edit.payload_as<fb::MessageEdited>().edited_at, 1'771'442'489'000'000);
    EXPECT_EQ(changed("Ev2", "before", "").type, "UnrecognisedReceived");
    harbour.post(
        Platform::slack,
        callback(
            "Ev3",
            R"({"type":"message","subtype":"message_deleted","channel":"C024BE","deleted_ts":"1771442483.260129","event_ts":"1771442495.000000"})"));
    EXPECT_EQ(harbour.last().type, "MessageDeleted");
    EXPECT_EQ(harbour.last().payload_as<fb::MessageDeleted>().message_id, "1771442483.260129");
    harbour.post(
        Platform::slack,
        callback(
            "Ev4",
            R"({"type":"message","subtype":"bot_message","bot_id":"B1","username":"Buoy","text":"beep","ts":"1771442496.000000","channel":"C024BE"})"));
    EXPECT_EQ(harbour.last().actor_type, "bot");
    EXPECT_TRUE(harbour.last().payload_as<fb::MessageReceived>().actor_is_bot);
    EXPECT_EQ(harbour.personal(harbour.last()).display_name, "Buoy");
}

TEST(SlackReaction, NamesWhichOfSeveralItIsWithoutSayingIt) {
    Harbour harbour;
    const auto react = [&](const std::string& id, const std::string& type,
                           const std::string& reaction) {
        harbour.post(
            Platform::slack,
            callback(
                id,
                R"({"type":")" + type + R"(","user":"U1","reaction":")" + reaction +
                    R"(","item":{"type":"message","channel":"C024BE","ts":"1771442483.260129"},"event_ts":"1771442495.000000"})"));
        return harbour.last();
    };
    const auto set = react("Ev1", "reaction_added", "anchor").payload_as<fb::ReactionSet>();
    const auto other = react("Ev2", "reaction_added", "sailboat").payload_as<fb::ReactionSet>();
    const auto cleared = react("Ev3", "reaction_removed", "anchor");
    EXPECT_EQ(cleared.type, "ReactionCleared");
    EXPECT_NE(set.reaction, other.reaction);
    EXPECT_EQ(set.reaction, cleared.payload_as<fb::ReactionCleared>().reaction);
    EXPECT_EQ(harbour.log_bytes().find("anchor"), std::string::npos);
}

TEST(SlackSlash, IsAnsweredToTheAskerAloneWithThePosition) {
    Harbour harbour;
    const std::string form =
        "token=verification-token-1&team_id=T0ADGE2G4EM&channel_id=C024BE&channel_name=bridge&user_"
        "id=U0ADXQT6CRW&user_name=ada&command=%2Fops&text=refresh+all%21&response_url=https%3A%2F%"
        "2Fhooks.slack.com%2Fcommands%2FX&trigger_id=13345224609.738474920.8088930838d88f008e0";
    const HookAnswer answer = harbour.post(Platform::slack, form, kForm);
    EXPECT_EQ(answer.status, 200);
    const auto json = boost::json::parse(answer.body);
    EXPECT_EQ(json.at("response_type").as_string(), "ephemeral");
    const auto event = harbour.last();
    EXPECT_NE(std::string(json.at("text").as_string())
                  .find(domain::to_cursor(harbour.ledger->ledger_id(), event.position)),
              std::string::npos);
    EXPECT_EQ(event.type, "CommandReceived");
    EXPECT_EQ(event.payload_as<fb::CommandReceived>().surface, "slash");
    EXPECT_EQ(harbour.personal(event).text, "/ops refresh all!");
    EXPECT_EQ(harbour.post(Platform::slack, form, kForm).body, answer.body);
    EXPECT_EQ(harbour.stored().size(), 1U);
}

TEST(SlackBody, IsKeptWithItsBearerValuesBlankedInPlace) {
    Harbour harbour;
    const std::string form =
        "token=verification-token-1&team_id=T1&channel_id=C1&user_id=U1&command=%2Fops&response_"
        "url=https%3A%2F%2Fhooks.slack.com%2FX&trigger_id=133.738.808";
    harbour.post(Platform::slack, form, kForm);
    const std::string kept = harbour.raw_body(harbour.last());
    EXPECT_EQ(kept,
              "token=********************&team_id=T1&channel_id=C1&user_id=U1&command=%2Fops&"
              "response_url=" +
                  std::string(33, '*') + "&trigger_id=***********");
    EXPECT_EQ(kept.size(), form.size());

    const std::string payload =
        "payload=%7B%22type%22%3A%22block_actions%22%2C%22token%22%3A%22secret%22%2C%22trigger_id%"
        "22%3A%221.2%22%2C%22user%22%3A%7B%22id%22%3A%22U1%22%7D%2C%22actions%22%3A%5B%7B%22type%"
        "22%3A%22button%22%2C%22action_id%22%3A%22a%22%7D%5D%2C%22response_url%22%3A%22https%3A%2F%"
        "2Fx%22%7D";
    harbour.post(Platform::slack, payload, kForm);
    EXPECT_EQ(harbour.raw_body(harbour.last()),
              "payload=%7B%22type%22%3A%22block_actions%22%2C%22token%22%3A%22******%22%2C%"
              "22trigger_id%22%3A%22***%22%2C%22user%22%3A%7B%22id%22%3A%22U1%22%7D%2C%22actions%"
              "22%3A%5B%7B%22type%22%3A%22button%22%2C%22action_id%22%3A%22a%22%7D%5D%2C%"
              "22response_url%22%3A%22***************%22%7D");
    EXPECT_EQ(harbour.last().type, "ComponentUsed");

    harbour.post(Platform::slack, callback("Ev1", R"({"type":"app_home_opened","user":"U1"})"));
    const std::string event = harbour.raw_body(harbour.last());
    EXPECT_EQ(event.find("verification-token-1"), std::string::npos);
    EXPECT_TRUE(event.starts_with(R"({"token":"********************","team_id")"));
    EXPECT_EQ(harbour.last().payload_as<fb::UnrecognisedReceived>().field, "app_home_opened");
}

TEST(SlackEvent, NamesItsPersonWhereverTheKindPutsThem) {
    Harbour harbour;
    harbour.post(Platform::slack,
                 callback("Ev1", R"({"type":"team_join","user":{"id":"U0ADXQT6CRW"}})"));
    harbour.post(
        Platform::slack,
        callback("Ev2", R"({"type":"file_shared","file_id":"F1","user_id":"U0ADXQT6CRW"})"));
    const store::NativeSubject native{"person", "slack", "U0ADXQT6CRW"};
    const auto subject = harbour.vault->find_subject(native).value();
    ASSERT_TRUE(subject);
    for (const auto& event : harbour.stored()) {
        EXPECT_EQ(event.type, "UnrecognisedReceived");
        EXPECT_EQ(event.subject, subject);
        EXPECT_EQ(event.actor_id, domain::to_text(*subject));
    }
}

TEST(SlackEvent, ARetryHeaderIsNoReasonToDrop) {
    Harbour harbour;
    auto delivery = harbour::signed_delivery(
        Platform::slack,
        callback(
            "Ev1",
            R"({"type":"message","user":"U1","text":"t","ts":"1771442483.260129","channel":"C1"})"),
        harbour.clock.now_us());
    delivery.headers["x-slack-retry-num"] = "2";
    delivery.headers["x-slack-retry-reason"] = "http_timeout";
    EXPECT_EQ(harbour.post(delivery).status, 200);
    EXPECT_EQ(harbour.stored().size(), 1U);
}

TEST(SlackForm, CertificateChecksAreAnsweredAndNotStored) {
    Harbour harbour;
    EXPECT_EQ(harbour.post(Platform::slack, "ssl_check=1&token=x", kForm).status, 200);
    EXPECT_TRUE(harbour.stored().empty());
    EXPECT_EQ(harbour.post(Platform::slack, "payload=%7Bbroken", kForm).status, 400);
    EXPECT_EQ(harbour.post(Platform::slack, "a=%zz", kForm).error_code, "invalid_form");
}

}  // namespace decklog::ingest::slack_test
