#include "tests/ingest/naming_bodies.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "ingest/limits.hpp"

namespace decklog::ingest::fixtures {
namespace {

namespace json = boost::json;
using json::array;
using json::object;

constexpr std::int64_t kDate = 1'790'000'000;
const std::string kTime = std::to_string(kDate);

// ---- what each platform puts around it

std::string whatsapp(const std::string& field, object value) {
    value["messaging_product"] = "whatsapp";
    value["metadata"] = {{"display_phone_number", "15550100000"},
                         {"phone_number_id", "900000000000001"}};
    return json::serialize(
        object{{"object", "whatsapp_business_account"},
               {"entry",
                {{{"id", "900000000000000"},
                  {"changes", {{{"field", field}, {"value", std::move(value)}}}}}}}});
}

object whatsapp_text(const std::string& from, const std::string& id, const std::string& text) {
    return {{"from", from},
            {"id", id},
            {"timestamp", kTime},
            {"type", "text"},
            {"text", {{"body", text}}}};
}

std::string telegram(int update, const char* kind, object content) {
    return json::serialize(object{{"update_id", update}, {kind, std::move(content)}});
}

object telegram_user(const std::string& id, const std::string& name) {
    return {{"id", std::stoll(id)}, {"is_bot", false}, {"first_name", name}};
}

object telegram_said(int message, object from, const std::string& text) {
    return {{"message_id", message},
            {"from", std::move(from)},
            {"chat", {{"id", -1'001}, {"type", "group"}, {"title", "Pier"}}},
            {"date", kDate},
            {"text", text}};
}

std::string slack(const std::string& id, object event) {
    return json::serialize(object{{"token", "t"},
                                  {"team_id", "T0"},
                                  {"api_app_id", "A0"},
                                  {"type", "event_callback"},
                                  {"event_id", id},
                                  {"event_time", kDate},
                                  {"event", std::move(event)}});
}

object slack_said(const std::string& from, const std::string& text, const std::string& ts) {
    return {{"type", "message"}, {"user", from},           {"text", text},
            {"ts", ts},          {"channel", "C0HARBOUR"}, {"channel_type", "channel"}};
}

object discord_member(const std::string& id, const std::string& name) {
    return {{"user", {{"id", id}, {"username", name}, {"global_name", name}}}, {"roles", array{}}};
}

std::string discord(const std::string& id, int type, object member, object data, object more) {
    more["type"] = type;
    more["id"] = id;
    more["application_id"] = "910000000000000000";
    more["token"] = "t";
    more["guild_id"] = "920000000000000000";
    more["channel_id"] = "920000000000000001";
    more["version"] = 1;
    more["member"] = std::move(member);
    more["data"] = std::move(data);
    return json::serialize(more);
}

object discord_note(const std::string& text) {
    return {{"id", "1"},
            {"name", "ops"},
            {"type", 1},
            {"options", {{{"type", 3}, {"name", "note"}, {"value", text}}}}};
}

std::string percent_encoded(const std::string& text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        encoded += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
    return encoded;
}

array contact_of(const Named& who) {
    return {{{"profile", {{"name", who.name}}}, {"wa_id", who.whatsapp}}};
}

// ---- the bodies

std::vector<NamingBody> by_whatsapp(const Named& who) {
    std::vector<NamingBody> bodies;
    const auto add = [&bodies](const char* what, std::string body) {
        bodies.push_back({Platform::whatsapp, what, std::move(body)});
    };
    add("a call", whatsapp("calls", {{"contacts", contact_of(who)},
                                     {"calls",
                                      {{{"id", "wacid.call"},
                                        {"from", who.whatsapp},
                                        {"to", "15550100000"},
                                        {"event", "connect"},
                                        {"timestamp", kTime}}}}}));
    add("preferences", whatsapp("user_preferences", {{"contacts", contact_of(who)},
                                                     {"user_preferences",
                                                      {{{"wa_id", who.whatsapp},
                                                        {"detail", who.text},
                                                        {"category", "marketing_messages"},
                                                        {"value", "stop"},
                                                        {"timestamp", kDate}}}}}));
    object echo = whatsapp_text("15550100000", "wamid.ECHO", who.text);
    echo["to"] = who.whatsapp;
    add("an echo", whatsapp("smb_message_echoes", {{"message_echoes", {std::move(echo)}}}));
    add("an error", whatsapp("messages", {{"contacts", contact_of(who)},
                                          {"errors",
                                           {{{"code", 130'429},
                                             {"title", "Rate limit"},
                                             {"error_data", {{"details", who.text}}}}}}}));
    add("a reaction of somebody else to a message of theirs",
        whatsapp("messages",
                 {{"messages",
                   {{{"from", "4711000001"},
                     {"group_id", "Y2FwaV9ncm91cDo0NzExMDAwMDAx"},
                     {"id", "wamid.REACTION"},
                     {"timestamp", kTime},
                     {"type", "reaction"},
                     {"reaction", {{"message_id", who.message_id}, {"emoji", "+"}}}}}}}));
    object in_group = whatsapp_text("4711000001", "wamid.INGROUP", "ahoy");
    in_group["group_id"] = who.group_id;
    add("a group that they made", whatsapp("messages", {{"messages", {std::move(in_group)}}}));
    bodies.back().is_said_by_the_author_too = true;
    array many(limits::kItemsPerBodyMax, object{});
    many.push_back(whatsapp_text(who.whatsapp, "wamid.MANY", who.text));
    add("more items than are read", whatsapp("messages", {{"messages", std::move(many)}}));
    array half{whatsapp_text(who.whatsapp, who.message_id, who.text),
               whatsapp_text("4711000001", "wamid.OTHERHALF", "ahoy")};
    add("a body whose other half came before",
        whatsapp("messages", {{"contacts", contact_of(who)}, {"messages", std::move(half)}}));
    return bodies;
}

std::vector<NamingBody> by_telegram(const Named& who) {
    std::vector<NamingBody> bodies;
    const object her = telegram_user(who.telegram, who.name);
    const object ben = telegram_user("4711000001", "Ben");
    const auto add = [&bodies](const char* what, std::string body) {
        bodies.push_back({Platform::telegram, what, std::move(body)});
    };
    object reply = telegram_said(502, ben, "aye");
    reply["reply_to_message"] = telegram_said(501, her, who.text);
    add("a reply that quotes", telegram(71'001, "message", std::move(reply)));
    object forward = telegram_said(503, ben, "see there");
    forward["forward_origin"] = {{"type", "user"}, {"sender_user", her}, {"date", kDate}};
    add("something forwarded", telegram(71'002, "message", std::move(forward)));
    object mention = telegram_said(504, ben, "ask her");
    mention["entities"] = {{{"type", "text_mention"}, {"offset", 4}, {"length", 3}, {"user", her}}};
    add("a mention", telegram(71'003, "message", std::move(mention)));
    bodies.back().is_said_by_the_author_too = true;
    add("a kind that is not understood",
        telegram(71'004, "poll_answer", {{"poll_id", "1"}, {"user", her}, {"option_ids", {0}}}));
    return bodies;
}

std::vector<NamingBody> by_slack(const Named& who) {
    std::vector<NamingBody> bodies;
    const object user{{"id", who.slack}, {"team_id", "T0"}, {"real_name", who.name}};
    const auto add = [&bodies](const char* what, std::string body) {
        bodies.push_back({Platform::slack, what, std::move(body)});
    };
    add("a deleted message",
        slack("Ev0DELETED",
              {{"type", "message"},
               {"subtype", "message_deleted"},
               {"channel", "C0HARBOUR"},
               {"deleted_ts", kTime + ".000100"},
               {"previous_message", slack_said(who.slack, who.text, kTime + ".000100")}}));
    add("a change of a user", slack("Ev0USER", {{"type", "user_change"}, {"user", user}}));
    add("somebody new in the team", slack("Ev0JOIN", {{"type", "team_join"}, {"user", user}}));
    add("a shared file", slack("Ev0FILE", {{"type", "file_shared"},
                                           {"file_id", "F1"},
                                           {"user_id", who.slack},
                                           {"channel_id", "C0HARBOUR"}}));
    const object pressed{
        {"type", "block_actions"},
        {"team", {{"id", "T0"}}},
        {"user", {{"id", "U0BEN"}, {"name", "ben"}}},
        {"trigger_id", "1.2.3"},
        {"channel", {{"id", "C0HARBOUR"}, {"name", "harbour"}}},
        {"message", slack_said(who.slack, who.text, kTime + ".000100")},
        {"actions", {{{"type", "button"}, {"action_id", "a"}, {"action_ts", kTime + ".5"}}}}};
    bodies.push_back({Platform::slack, "a button under a message, as a form",
                      "payload=" + percent_encoded(json::serialize(pressed)),
                      "application/x-www-form-urlencoded"});
    return bodies;
}

std::vector<NamingBody> by_discord(const Named& who) {
    const object ben = discord_member("930000000000000001", "ben");
    object resolved = discord_note("look after her");
    const object named{{"id", who.discord}, {"username", who.name}, {"global_name", who.name}};
    resolved["resolved"] = {{"users", {{who.discord, named}}}};
    const object message{{"id", "940000000000000001"}, {"content", who.text}, {"author", named}};
    const object button{{"custom_id", "ok"}, {"component_type", 2}};
    std::vector<NamingBody> bodies{
        {Platform::discord, "a command that names",
         discord("1222333444555660001", 2, ben, std::move(resolved), {})},
        {Platform::discord, "a button under a message",
         discord("1222333444555660002", 3, ben, button, {{"message", message}})}};
    bodies.front().is_said_by_the_author_too = true;
    return bodies;
}

}  // namespace

Named somebody() {
    return {.whatsapp = "4915112345678",
            .telegram = "7318462051",
            .slack = "U0QUASTE77",
            .discord = "930000000000077123",
            .message_id = "wamid.HBgNNDkxNTExMjM0NTY3OBUCABIYFjNFQjBDMUQ4RTU1QzVBOTlEOTlCNzcA",
            .group_id = "Y2FwaV9ncm91cDo0OTE1MTEyMzQ1Njc4OjEyMDM2MzAx",
            .name = "Ottilie Quastenflosser",
            .text = "the spare key lies under the third anchor"};
}

std::vector<NamingBody> messages_of(const Named& who) {
    return {{Platform::telegram, "a message",
             telegram(70'001, "message",
                      telegram_said(501, telegram_user(who.telegram, who.name), who.text))},
            {Platform::whatsapp, "a message",
             whatsapp("messages",
                      {{"contacts", contact_of(who)},
                       {"messages", {whatsapp_text(who.whatsapp, who.message_id, who.text)}}})},
            {Platform::slack, "a message",
             slack("Ev0HERS", slack_said(who.slack, who.text, kTime + ".000100"))},
            {Platform::discord, "a command",
             discord("1222333444555666777", 2, discord_member(who.discord, who.name),
                     discord_note(who.text), {})}};
}

std::vector<NamingBody> messages_of_others(const std::string& words) {
    return {
        {Platform::telegram, "a message",
         telegram(70'002, "message",
                  telegram_said(505, telegram_user("4711000001", "Ben"), words))},
        {Platform::whatsapp, "a message",
         whatsapp("messages", {{"messages", {whatsapp_text("4711000001", "wamid.BEN", words)}}})},
        {Platform::slack, "a message",
         slack("Ev0BENS", slack_said("U0BEN", words, kTime + ".000200"))},
        {Platform::discord, "a command",
         discord("1222333444555666888", 2, discord_member("930000000000000001", "ben"),
                 discord_note(words), {})}};
}

std::vector<NamingBody> bodies_that_name(const Named& who) {
    std::vector<NamingBody> all;
    for (auto* const family : {by_whatsapp, by_telegram, by_slack, by_discord}) {
        for (NamingBody& body : family(who)) all.push_back(std::move(body));
    }
    return all;
}

}  // namespace decklog::ingest::fixtures
