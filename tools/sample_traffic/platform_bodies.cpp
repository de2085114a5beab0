#include "tools/sample_traffic/platform_bodies.hpp"

#include <boost/json.hpp>
#include <iterator>

#include "domain/time_text.hpp"

namespace decklog::sample {
namespace {

namespace json = boost::json;

constexpr const char* kTexts[] = {
    "Deploy of the booking service is through, watching the error rate",
    "Pump 2 reads 4.1 bar again, same as last night",
    "Is the two-bedroom still free on the 14th?",
    "Handing over: two open dispatch errors, both retried",
    "Could we move the showing to Thursday?",
    "Queue is drained, back to normal",
};
constexpr const char* kPlatforms[] = {"spareroom", "roomies", "leasebreak", "renthop",
                                      "furnishedfinder"};

/// The kinds of traffic take turns by n, so whatever varies within a kind goes by the turn.
constexpr std::uint64_t kKinds = 5;
constexpr std::uint64_t turn(std::uint64_t n) { return n / kKinds; }

template <class T, std::size_t Size>
T pick(T (&values)[Size], std::uint64_t n) {
    return values[turn(n) % Size];
}

std::string person(std::uint64_t n) { return "sample " + std::to_string(turn(n) % 9); }

}  // namespace

std::string telegram_update(std::uint64_t n, std::int64_t now_s) {
    const auto user = static_cast<std::int64_t>(900'000'000 + turn(n) % 9);
    const bool direct = turn(n) % 4 == 0;
    json::object chat =
        direct ? json::object{{"id", user}, {"type", "private"}, {"first_name", person(n)}}
               : json::object{{"id", -100'900'000'000 - static_cast<std::int64_t>(turn(n) % 2)},
                              {"type", "supergroup"},
                              {"title", "night watch"}};
    return json::serialize(json::object{
        {"update_id", 500'000'000 + n},
        {"message",
         {{"message_id", 1000 + n},
          {"from",
           {{"id", user}, {"is_bot", false}, {"first_name", person(n)}, {"language_code", "en"}}},
          {"chat", std::move(chat)},
          {"date", now_s},
          {"text", pick(kTexts, n)}}}});
}

std::string whatsapp_body(std::uint64_t n, std::int64_t now_s) {
    const std::string number = "1555010" + std::to_string(1000 + turn(n) % 7);
    const std::string id = "wamid.SAMPLE" + std::to_string(now_s) + "N" + std::to_string(n);
    json::array messages{{{"from", number},
                          {"id", id},
                          {"timestamp", std::to_string(now_s)},
                          {"type", "text"},
                          {"text", {{"body", pick(kTexts, n + 2)}}}}};
    json::object value{
        {"messaging_product", "whatsapp"},
        {"metadata",
         {{"display_phone_number", "15550100000"}, {"phone_number_id", "900000000000001"}}},
        {"contacts", {{{"profile", {{"name", person(n)}}}, {"wa_id", number}}}},
        {"messages", std::move(messages)}};
    return json::serialize(
        json::object{{"object", "whatsapp_business_account"},
                     {"entry",
                      {{{"id", "900000000000000"},
                        {"changes", {{{"field", "messages"}, {"value", std::move(value)}}}}}}}});
}

std::string slack_event(std::uint64_t n, std::int64_t now_s) {
    const std::string ts = std::to_string(now_s) + "." + std::to_string(100'000 + n % 900'000);
    return json::serialize(
        json::object{{"token", "sample"},
                     {"team_id", "T0SAMPLE"},
                     {"api_app_id", "A0SAMPLE"},
                     {"type", "event_callback"},
                     {"event_id", "Ev" + std::to_string(now_s) + "N" + std::to_string(n)},
                     {"event_time", now_s},
                     {"event",
                      {{"type", "message"},
                       {"user", "U0SAMPLE" + std::to_string(turn(n) % 5)},
                       {"text", pick(kTexts, n + 3)},
                       {"ts", ts},
                       {"channel", "C0SAMPLEOPS"},
                       {"channel_type", "channel"}}}});
}

std::string discord_interaction(std::uint64_t n, std::int64_t now_s) {
    constexpr std::int64_t kDiscordEpochMs = 1'420'070'400'000;
    const std::int64_t snowflake =
        ((now_s * 1000 - kDiscordEpochMs) << 22) + static_cast<std::int64_t>(n % 4'000'000);
    json::object user{{"id", std::to_string(930'000'000'000'000'000 + turn(n) % 6)},
                      {"username", person(n)}};
    return json::serialize(json::object{
        {"type", 2},
        {"id", std::to_string(snowflake)},
        {"application_id", "910000000000000000"},
        {"token", "sample"},
        {"guild_id", "920000000000000000"},
        {"channel_id", "920000000000000001"},
        {"member", {{"user", std::move(user)}, {"roles", json::array{}}}},
        {"data",
         {{"id", "1"},
          {"name", "ops"},
          {"type", 1},
          {"options", {{{"type", 1}, {"name", turn(n) % 2 == 0 ? "status" : "digest"}}}}}},
        {"version", 1}});
}

std::string audit_action(std::uint64_t n, std::int64_t now_us) {
    const std::string platform = pick(kPlatforms, n);
    json::object action{{"actorType", "worker"},
                        {"entityType", "message"},
                        {"entityId", "m-" + std::to_string(n)},
                        {"createdAt", domain::to_rfc3339(now_us)}};
    json::object details{{"platform", platform},
                         {"conversationId", "c-" + std::to_string(turn(n) % 12)}};
    switch (turn(n) % 6) {
        case 0:
            action["action"] = "platform_dispatch_error";
            details["stage"] = "dispatch_outbound_message";
            details["error"] = "the thread did not load in time";
            details["retry"] = {{"attempts", 2}, {"retryExhausted", false}, {"retryable", true}};
            break;
        case 1:
            action["action"] = "ai_reply_decision";
            details["escalationReasonCode"] = "escalate_non_tour_intent";
            details["outcome"] = "escalate";
            break;
        case 2:
            action["action"] = "workflow_state_transitioned";
            action["actorType"] = "agent";
            action["actorId"] = "agent-" + std::to_string(turn(n) % 3);
            details["previous"] = {{"workflowState", "lead"}};
            details["next"] = {{"workflowState", "showing"}};
            break;
        default:
            action["action"] = "ai_reply_created";
            details["provider"] = "heuristic";
    }
    action["details"] = std::move(details);
    return json::serialize(action);
}

}  // namespace decklog::sample
