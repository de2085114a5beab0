#include "tests/e2e/release_traffic.hpp"

#include <boost/json.hpp>

#include "domain/time_text.hpp"

namespace decklog::e2e::releases {
namespace {

namespace json = boost::json;

constexpr std::int64_t kNow = 1'764'000'000;  // of the events; signatures have the real time
constexpr const char* kAccount = "roomies-5e133b4ce40e5a0c";  // made of platform and external id

json::object person(int id, const char* name) {
    return {{"id", id}, {"is_bot", false}, {"first_name", name}};
}
json::object deck() { return {{"id", -4001}, {"type", "group"}, {"title", "deck"}}; }

class Telegram {
  public:
    Sent operator()(const char* kind, json::object content) {
        return {Door::telegram,
                json::serialize(json::object{{"update_id", next_++}, {kind, std::move(content)}})};
    }

  private:
    std::int64_t next_ = 7001;
};

json::object said(int message_id, int from, const char* name) {
    return {
        {"message_id", message_id}, {"from", person(from, name)}, {"chat", deck()}, {"date", kNow}};
}

json::object with(json::object base, json::object more) {
    for (auto& member : more) base[member.key()] = std::move(member.value());
    return base;
}

void add_telegram(std::vector<Sent>& all) {
    Telegram update;
    all.push_back(
        update("message", with(said(1, 71, "Sample One"), {{"text", "the pump is back"}})));
    all.push_back(update("message",
                         {{"message_id", 2},
                          {"from", person(72, "Sample Two")},
                          {"chat", {{"id", 72}, {"type", "private"}, {"first_name", "Sample Two"}}},
                          {"date", kNow + 1},
                          {"text", "is it still free?"}}));
    all.push_back(update(
        "edited_message",
        with(said(1, 71, "Sample One"), {{"edit_date", kNow + 2}, {"text", "the pump is well"}})));
    all.push_back(
        update("message",
               with(said(3, 71, "Sample One"),
                    {{"text", "/status pump"},
                     {"entities", json::array{json::object{
                                      {"type", "bot_command"}, {"offset", 0}, {"length", 7}}}}})));
    for (const bool set : {true, false}) {
        json::array reactions;
        if (set)
            reactions.push_back(json::object{{"type", "emoji"}, {"emoji", "\xF0\x9F\x91\x8D"}});
        all.push_back(update("message_reaction", {{"chat", deck()},
                                                  {"message_id", 1},
                                                  {"user", person(72, "Sample Two")},
                                                  {"date", kNow + 3 + (set ? 0 : 1)},
                                                  {"old_reaction", json::array{}},
                                                  {"new_reaction", reactions}}));
    }
    all.push_back(
        update("message", with(said(4, 71, "Sample One"),
                               {{"new_chat_members", json::array{person(73, "Sample Three")}}})));
    all.push_back(update("message", with(said(5, 71, "Sample One"),
                                         {{"left_chat_member", person(73, "Sample Three")}})));
    all.push_back(update("callback_query", {{"id", "4400"},
                                            {"from", person(72, "Sample Two")},
                                            {"message", said(1, 71, "Sample One")},
                                            {"chat_instance", "1"},
                                            {"data", "take"}}));
    all.push_back(
        update("message", with(said(6, 71, "Sample One"), {{"migrate_to_chat_id", -1004001}})));
    all.push_back(update(
        "deleted_business_messages",
        {{"business_connection_id", "b"}, {"chat", deck()}, {"message_ids", json::array{2}}}));
    all.push_back(update("poll", {{"id", "9"}, {"question", "which watch?"}}));
}

Sent whatsapp(json::object value) {
    value["messaging_product"] = "whatsapp";
    value["metadata"] = {{"display_phone_number", "15550100000"},
                         {"phone_number_id", "900000000000001"}};
    json::object change{{"field", "messages"}, {"value", std::move(value)}};
    json::object entry{{"id", "900000000000000"}, {"changes", json::array{std::move(change)}}};
    return {Door::whatsapp,
            json::serialize(json::object{{"object", "whatsapp_business_account"},
                                         {"entry", json::array{std::move(entry)}}})};
}

void add_whatsapp(std::vector<Sent>& all) {
    const std::string number = "15550101001";
    json::object message{{"from", number},
                         {"id", "wamid.RELEASE1"},
                         {"timestamp", std::to_string(kNow + 10)},
                         {"type", "text"},
                         {"text", {{"body", "may I come on Thursday?"}}}};
    json::object contact{{"profile", {{"name", "Sample Four"}}}, {"wa_id", number}};
    all.push_back(
        whatsapp({{"contacts", json::array{contact}}, {"messages", json::array{message}}}));
    json::object status{{"id", "wamid.RELEASE2"},
                        {"status", "delivered"},
                        {"timestamp", std::to_string(kNow + 11)},
                        {"recipient_id", number}};
    all.push_back(whatsapp({{"statuses", json::array{status}}}));
}

Sent slack(const char* event_id, json::object event) {
    event["channel"] = "C0SAMPLE";
    return {Door::slack, json::serialize(json::object{{"token", "sample"},
                                                      {"team_id", "T0SAMPLE"},
                                                      {"api_app_id", "A0SAMPLE"},
                                                      {"type", "event_callback"},
                                                      {"event_id", event_id},
                                                      {"event_time", kNow + 20},
                                                      {"event", std::move(event)}})};
}

void add_slack(std::vector<Sent>& all) {
    const std::string ts = std::to_string(kNow + 20) + ".000100";
    all.push_back(slack(
        "Ev1",
        {{"type", "message"}, {"user", "U0SAMPLE1"}, {"text", "queue is drained"}, {"ts", ts}}));
    all.push_back(slack("Ev2", {{"type", "message"},
                                {"subtype", "message_deleted"},
                                {"deleted_ts", ts},
                                {"ts", std::to_string(kNow + 21) + ".000100"}}));
}

void add_discord(std::vector<Sent>& all) {
    json::object user{{"id", "930000000000000001"}, {"username", "sample five"}};
    json::object member{{"user", std::move(user)}, {"roles", json::array{}}};
    json::object data{{"id", "1"},
                      {"name", "ops"},
                      {"type", 1},
                      {"options", json::array{json::object{{"type", 1}, {"name", "status"}}}}};
    all.push_back(
        {Door::discord, json::serialize(json::object{{"type", 2},
                                                     {"id", "1442600000000000000"},
                                                     {"application_id", "910000000000000000"},
                                                     {"token", "sample"},
                                                     {"guild_id", "920000000000000000"},
                                                     {"channel_id", "920000000000000001"},
                                                     {"member", std::move(member)},
                                                     {"data", std::move(data)},
                                                     {"version", 1}})});
}

void add_services(std::vector<Sent>& all) {
    all.push_back({Door::audit,
                   R"({"id":"a1","actorType":"worker","entityType":"conversation","entityId":"c-1",
"action":"ai_reply_error","createdAt":"2025-11-24T16:00:00.25Z","details":{"platform":"roomies","conversationId":"c-1","error":"timed out"}})"});
    all.push_back(
        {Door::audit,
         R"({"id":1.50,"actorType":"agent","actorId":"agent-1","entityType":"message","entityId":"m-1",
"action":"ai_reply_created","createdAt":"2025-11-24T16:00:01Z","details":{"platform":"spareroom"}})"});
    const auto event = [&all](const char* id, const char* type, json::object data) {
        all.push_back(
            {Door::cloud_event, json::serialize(json::object{{"specversion", "1.0"},
                                                             {"id", id},
                                                             {"source", "crm"},
                                                             {"type", type},
                                                             {"time", "2025-11-24T16:00:02Z"},
                                                             {"data", std::move(data)}})});
    };
    event("e1", "invoice.sent", {{"amount", 12}, {"to", "Sample Six"}});
    event("e2", "message.recorded",
          {{"messageId", "m-1"},
           {"conversationId", "c-1"},
           {"platform", "roomies"},
           {"direction", "inbound"},
           {"reviewStatus", "new"},
           {"sentAt", "2025-11-24T15:59:00Z"}});
    event("e3", "appointment.recorded",
          {{"appointmentId", "ap-1"},
           {"platform", "roomies"},
           {"status", "confirmed"},
           {"createdAt", "2025-11-24T15:58:00Z"},
           {"startsAt", "2025-11-27T10:00:00Z"},
           {"endsAt", "2025-11-27T10:30:00Z"}});
    all.push_back({Door::tokens, R"({"role":"viewer","name":"grafana"})"});
    all.push_back({Door::accounts, R"({"platform":"roomies","accountName":"Roomies north",
"accountExternalId":"roomies-north","credentials":{"sessionRef":"env:ROOMIES_RPA_SESSION"}})"});
    all.push_back({Door::policies, R"({"isActive":false})"});
    all.push_back({Door::workers, R"({"release":"r1","provider":"gemini","runtime":"playwright",
"queueDepth":3,"lastError":"timed out"})"});
}

void add_rollout(std::vector<Sent>& all) {
    const std::string hour_ahead = domain::to_rfc3339((now_seconds() + 3'600) * 1'000'000);
    all.push_back({Door::rollouts, R"({"id":"lease-7","service":"lease-api","release":"r1",
"baselineRelease":"r0","policy":"profile = \"lease-bot\"\nrequired_platforms = []\n"})"});
    all.push_back({Door::rollouts, R"({"name":"api-tests","status":"passed"})", "/lease-7/gates"});
    all.push_back({Door::rollouts, "{}", "/lease-7/check"});
    all.push_back({Door::rollouts, R"({"reason":"a drill","expiresAt":")" + hour_ahead + R"("})",
                   "/lease-7/override"});
    // A check of the canary is answered when its baselines are frozen.
    all.push_back({Door::rollouts, R"({"stage":"canary","weight":5})", "/lease-7/stage"});
    all.push_back({Door::rollouts, "{}", "/lease-7/check"});
    all.push_back({Door::rollouts,
                   R"({"run":"run-1","number":1,"words":["kubectl","rollout","status"],
"exitCode":0,"output":"rolled out","startedAt":"2026-11-25T17:00:00Z","endedAt":"2026-11-25T17:00:01Z"})",
                   "/lease-7/commands"});
    all.push_back({Door::rollouts,
                   R"({"run":"run-1","kind":"rollback","environment":"staging","passed":true,
"history":"REVISION 3","revision":"3","snapshot":{},
"startedAt":"2026-11-25T17:00:00Z","endedAt":"2026-11-25T17:00:02Z"})",
                   "/lease-7/drills"});
    all.push_back({Door::rollouts, R"({"stage":"aborted"})", "/lease-7/stage"});
}

}  // namespace

std::vector<Sent> release_traffic() {
    std::vector<Sent> all;
    add_telegram(all);
    add_whatsapp(all);
    add_slack(all);
    add_discord(all);
    add_services(all);
    add_rollout(all);
    return all;
}

HttpAnswer send(HttpClient& client, const Sent& sent) {
    switch (sent.door) {
        case Door::telegram:
            return client.post("/hooks/telegram", sent.body, telegram_headers());
        case Door::discord:
            return client.post("/hooks/discord", sent.body,
                               discord_headers(sent.body, now_seconds()));
        case Door::whatsapp:
            return client.post("/hooks/whatsapp", sent.body, whatsapp_headers(sent.body));
        case Door::slack:
            return client.post("/hooks/slack", sent.body, slack_headers(sent.body, now_seconds()));
        case Door::audit:
            return client.post("/api/audit", sent.body);
        case Door::cloud_event:
            return client.post("/api/events", sent.body,
                               {{"Content-Type", "application/cloudevents+json"}});
        case Door::tokens:
            return client.post("/api/tokens", sent.body);
        case Door::accounts:
            return client.post("/api/admin/platform-accounts", sent.body,
                               {{"Idempotency-Key", "account-1"}});
        case Door::policies:
            return client.put("/api/admin/platform-policies/" + std::string(kAccount), sent.body);
        case Door::rollouts:
            return client.post("/api/rollouts" + sent.path, sent.body);
        case Door::workers:
            return client.post("/api/workers/worker-1/heartbeat", sent.body);
    }
    return {};
}

}  // namespace decklog::e2e::releases
