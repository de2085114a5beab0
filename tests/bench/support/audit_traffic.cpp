#include "tests/bench/support/audit_traffic.hpp"

#include <array>
#include <cstring>

#include "domain/fact.hpp"
#include "domain/payload.hpp"

namespace decklog::bench {
namespace {

constexpr std::uint64_t kConversations = 10'000;
constexpr std::uint64_t kAgents = 50;
constexpr std::array kActions{"ai_reply_sent", "workflow_advanced", "takeover_started"};

/// Spreads neighbouring numbers over all values (splitmix64).
std::uint64_t mixed(std::uint64_t number) {
    number += 0x9E3779B97F4A7C15ULL;
    number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    number = (number ^ (number >> 27U)) * 0x94D049BB133111EBULL;
    return number ^ (number >> 31U);
}

domain::Bytes16 bytes_of(std::uint64_t number, std::uint64_t salt) {
    const std::uint64_t halves[] = {mixed(number ^ (salt << 48U)), mixed(~number ^ (salt << 48U))};
    domain::Bytes16 bytes{};
    std::memcpy(bytes.data(), halves, bytes.size());
    return bytes;
}

}  // namespace

domain::NewEvent audit_event(std::uint64_t number, std::int64_t occurred_at_us) {
    fb::AuditActionRecordedT payload;
    payload.id = std::to_string(number);
    payload.entity_type = "conversation";
    domain::NewEvent made;
    made.type = domain::EventType::audit_action_recorded;
    made.action = kActions[number % kActions.size()];
    made.conversation = "conversation-" + std::to_string(mixed(number) % kConversations);
    payload.entity_id = made.conversation;
    made.stream = "audit/conversation/" + made.conversation;
    made.occurred_at_us = occurred_at_us;
    made.actor = {"agent", "agent-" + std::to_string(mixed(number) / kConversations % kAgents)};
    made.recorded_by = "token:7f3a9c01";
    made.platform = "whatsapp";
    made.trace_id.bytes = bytes_of(number, 1);
    made.correlation_id = domain::to_text(made.trace_id);
    made.payload = domain::encode_payload(payload);
    return made;
}

domain::CommandKey audit_key(std::uint64_t number) {
    domain::CommandKey key;
    key.bytes = bytes_of(number, 2);
    return key;
}

store::Submission audit_submission(std::uint64_t number, std::int64_t occurred_at_us) {
    store::Submission made;
    made.intent = domain::fact("record_audit_action", audit_event(number, occurred_at_us));
    made.key = audit_key(number);
    made.request_hash.bytes = bytes_of(number, 3);
    return made;
}

}  // namespace decklog::bench
