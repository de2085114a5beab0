#include "tests/e2e/requests.hpp"

#include <boost/json.hpp>

namespace decklog::e2e {
namespace {

namespace json = boost::json;

Kind kind_of(std::uint64_t n) {
    constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;  // neighbours fall far apart
    return static_cast<Kind>((n * kSpread >> 32U) % kKinds);
}

std::string telegram_body(std::uint64_t n, std::uint64_t from, json::object chat,
                          const std::string& text) {
    return json::serialize(
        json::object{{"update_id", 1'000'000 + n},
                     {"message",
                      {{"message_id", n + 1},
                       {"from", {{"id", from}, {"is_bot", false}, {"first_name", "sample"}}},
                       {"chat", std::move(chat)},
                       {"date", now_seconds()},
                       {"text", text}}}});
}

std::string whatsapp_body(std::uint64_t n, const std::string& text) {
    json::object message{{"from", "1555020" + std::to_string(1000 + n % 5)},
                         {"id", "wamid.C" + std::to_string(n)},
                         {"timestamp", std::to_string(now_seconds())},
                         {"type", "text"},
                         {"text", {{"body", text}}}};
    json::object value{{"messaging_product", "whatsapp"},
                       {"metadata", {{"phone_number_id", "1"}}},
                       {"messages", json::array{std::move(message)}}};
    json::object change{{"field", "messages"}, {"value", std::move(value)}};
    json::object entry{{"id", "1"}, {"changes", json::array{std::move(change)}}};
    return json::serialize(json::object{{"object", "whatsapp_business_account"},
                                        {"entry", json::array{std::move(entry)}}});
}

std::string slack_body(std::uint64_t n, const std::string& text) {
    const std::string now = std::to_string(now_seconds());
    return json::serialize(json::object{{"type", "event_callback"},
                                        {"team_id", "T1"},
                                        {"api_app_id", "A1"},
                                        {"event_id", "Ev" + std::to_string(n)},
                                        {"event_time", now_seconds()},
                                        {"event",
                                         {{"type", "message"},
                                          {"user", "U1"},
                                          {"text", text},
                                          {"ts", now + "." + std::to_string(100000 + n)},
                                          {"channel", "C1"}}}});
}

std::string discord_body(std::uint64_t n, const std::string& text) {
    constexpr std::uint64_t kFirst = 1'442'600'000'000'000'000;
    json::object note{{"type", 3}, {"name", "note"}, {"value", text}};
    return json::serialize(json::object{
        {"type", 2},
        {"id", std::to_string(kFirst + n)},
        {"application_id", "910000000000000000"},
        {"token", "sample"},
        {"guild_id", "920000000000000000"},
        {"channel_id", "920000000000000001"},
        {"member",
         {{"user", {{"id", "93000000000000000" + std::to_string(n % 5)}, {"username", "sample"}}},
          {"roles", json::array{}}}},
        {"data",
         {{"id", "1"}, {"name", "ops"}, {"type", 1}, {"options", json::array{std::move(note)}}}},
        {"version", 1}});
}

json::object audit_action(std::uint64_t n, const std::string& id) {
    return {{"id", id},
            {"actorType", "worker"},
            {"entityType", "message"},
            {"entityId", "m" + std::to_string(n % 7)},
            {"action", "ai_reply_created"},
            {"details", {{"platform", "roomies"}}}};
}

void make_batch(std::uint64_t n, Sent& sent) {
    json::array actions;
    for (std::uint64_t i = 0; i < 2 + n % 4; ++i) {
        const std::string tag = "tag-" + std::to_string(n) + "-" + std::to_string(i);
        actions.push_back(audit_action(n + i, tag));
        sent.tags.push_back(tag);
    }
    sent.body = json::serialize(actions);
}

std::string cloud_event_body(std::uint64_t n, const std::string& id) {
    return json::serialize(json::object{{"specversion", "1.0"},
                                        {"id", id},
                                        {"source", "crm-" + std::to_string(n % 3)},
                                        {"type", "invoice.sent"},
                                        {"data", {{"amount", n}}}});
}

}  // namespace

Sent make_request(std::uint64_t n) {
    constexpr std::uint64_t kFirstStranger = 5'000'000'000;
    const std::string tag = "tag-" + std::to_string(n);
    Sent sent{kind_of(n), {}, {}, {}, {}};
    if (sent.kind != Kind::audit_batch) sent.tags.push_back(tag);
    switch (sent.kind) {
        case Kind::telegram:
            sent.target = "/hooks/telegram";
            sent.body = telegram_body(n, 700 + n % 5,
                                      {{"id", -4000 - static_cast<std::int64_t>(n % 3)},
                                       {"type", "group"},
                                       {"title", "crash"}},
                                      tag);
            break;
        case Kind::stranger: {
            const std::uint64_t id = kFirstStranger + n;
            sent.stranger = "telegram:" + std::to_string(id);
            sent.target = "/hooks/telegram";
            sent.body = telegram_body(
                n, id, {{"id", id}, {"type", "private"}, {"first_name", "sample"}}, tag);
            break;
        }
        case Kind::whatsapp:
            sent.target = "/hooks/whatsapp";
            sent.body = whatsapp_body(n, tag);
            break;
        case Kind::slack:
            sent.target = "/hooks/slack";
            sent.body = slack_body(n, tag);
            break;
        case Kind::discord:
            sent.target = "/hooks/discord";
            sent.body = discord_body(n, tag);
            break;
        case Kind::audit:
            sent.target = "/api/audit";
            sent.body = json::serialize(audit_action(n, tag));
            break;
        case Kind::audit_batch:
            sent.target = "/api/audit";
            make_batch(n, sent);
            break;
        case Kind::cloud_event:
            sent.target = "/api/events";
            sent.body = cloud_event_body(n, tag);
    }
    return sent;
}

std::size_t count_tags(const std::vector<Sent>& sent) {
    std::size_t tags = 0;
    for (const Sent& each : sent) tags += each.tags.size();
    return tags;
}

HttpAnswer send_once(HttpClient& client, const Sent& sent) {
    switch (sent.kind) {
        case Kind::telegram:
        case Kind::stranger:
            return client.post(sent.target, sent.body, telegram_headers());
        case Kind::whatsapp:
            return client.post(sent.target, sent.body, whatsapp_headers(sent.body));
        case Kind::slack:
            return client.post(sent.target, sent.body, slack_headers(sent.body, now_seconds()));
        case Kind::discord:
            return client.post(sent.target, sent.body, discord_headers(sent.body, now_seconds()));
        case Kind::cloud_event:
            return client.post(sent.target, sent.body,
                               {{"Content-Type", "application/cloudevents+json"}});
        case Kind::audit:
        case Kind::audit_batch:
            break;
    }
    return client.post(sent.target, sent.body);
}

}  // namespace decklog::e2e
