// Random valid events of every type, from small sets of rooms, people, messages and entities, so
// that they meet: edits of known and of unknown messages, statuses before their message, records
// that change, late events, equal times, missing fields. The same seed gives the same events on
// every machine (no std distribution is used), so golden logs can be made with it.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "domain/gate/profiles.hpp"
#include "domain/payload.hpp"
#include "domain/rollout/policy_record.hpp"

namespace decklog::projections::random_log {

class RandomLog {
  public:
    explicit RandomLog(std::uint64_t seed) : random_(seed) {}

    /// The event that begins every log.
    [[nodiscard]] domain::NewEvent created();
    /// One event of a random type; mostly audit actions and messages.
    [[nodiscard]] domain::NewEvent next();
    [[nodiscard]] domain::NewEvent of(domain::EventType type);
    /// `created`, one event of every other type, then random ones: `count` in all.
    [[nodiscard]] std::vector<domain::NewEvent> events(std::size_t count);

    /// Uniform in [0, bound).
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool one_in(std::uint64_t odds) { return below(odds) == 0; }

    static constexpr std::int64_t kStartUs = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z

  private:
    struct Room {
        std::string platform, account, conversation;
        bool direct = false;
    };

    template <class... Texts>
    std::string one_of(Texts... texts) {
        const std::string choices[] = {std::string(texts)...};
        return choices[below(sizeof...(texts))];
    }
    std::string number(std::string_view prefix, std::uint64_t bound) {
        return std::string(prefix) + std::to_string(below(bound));
    }
    std::int64_t occurred_at();
    domain::SubjectId subject();
    domain::Bytes sealed();
    Room room();
    std::string message_id() { return number("m_", 40); }
    domain::NewEvent envelope(domain::EventType type);
    domain::NewEvent in_room(domain::EventType type, const Room& room);
    domain::NewEvent chat(domain::EventType type);
    domain::NewEvent audit_action();
    domain::NewEvent message_record();
    domain::NewEvent appointment_record();
    domain::NewEvent external();
    domain::NewEvent housekeeping(domain::EventType type);
    domain::NewEvent service(domain::EventType type);
    domain::NewEvent of_rollout(domain::EventType type);

    std::mt19937_64 random_;
    std::int64_t now_us_ = kStartUs;
};

inline domain::NewEvent RandomLog::created() {
    domain::NewEvent event = envelope(domain::EventType::ledger_created);
    event.stream = "ledger/0";
    fb::LedgerCreatedT payload;
    payload.chain = "decklog-chain-1";
    payload.level = 1;
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent RandomLog::next() {
    using enum domain::EventType;
    static constexpr domain::EventType kChat[] = {
        message_edited,   message_deleted,      reaction_set,
        reaction_cleared, member_joined,        member_left,
        command_received, component_used,       delivery_status_reported,
        room_migrated,    unrecognised_received};
    static constexpr domain::EventType kOurs[] = {
        command_noted,  clock_accepted,           token_created,
        token_revoked,  platform_account_created, platform_policy_updated,
        worker_reported};
    const std::uint64_t dice = below(100);
    if (dice < 40) return of(audit_action_recorded);
    if (dice < 60) return of(message_received);
    if (dice < 80) return of(kChat[below(std::size(kChat))]);
    if (dice < 88) return of(message_recorded);
    if (dice < 93) return of(appointment_recorded);
    if (dice < 96) return of(external_event_recorded);
    return of(kOurs[below(std::size(kOurs))]);
}

inline domain::NewEvent RandomLog::of(domain::EventType type) {
    switch (domain::family_of(static_cast<std::uint32_t>(type))) {
        case domain::Family::ledger:
        case domain::Family::token:
        case domain::Family::subject:
            return housekeeping(type);
        case domain::Family::chat:
            return chat(type);
        case domain::Family::audit:
            return audit_action();
        case domain::Family::record:
            return type == domain::EventType::message_recorded ? message_record()
                                                               : appointment_record();
        case domain::Family::external:
            return external();
        case domain::Family::service:
            return service(type);
        case domain::Family::rollout:
            return of_rollout(type);
    }
    return created();
}

inline std::vector<domain::NewEvent> RandomLog::events(std::size_t count) {
    std::vector<domain::NewEvent> events;
    events.push_back(created());
    for (const domain::TypeInfo& info : domain::all_types()) {
        if (info.type != domain::EventType::ledger_created && events.size() < count)
            events.push_back(of(info.type));
    }
    while (events.size() < count) events.push_back(next());
    return events;
}

inline std::int64_t RandomLog::occurred_at() {
    constexpr std::int64_t kMinute = 60'000'000;
    now_us_ += one_in(5) ? 0 : static_cast<std::int64_t>(below(20'000'000));
    if (one_in(20))
        return now_us_ -
               static_cast<std::int64_t>(below(30ULL * 24 * 60)) * kMinute;  // up to 30 days late
    if (one_in(20)) return now_us_ / kMinute * kMinute;                      // on a window's edge
    if (one_in(50))
        return now_us_ + static_cast<std::int64_t>(below(5)) * kMinute;  // a sender's clock ahead
    return now_us_;
}

inline domain::SubjectId RandomLog::subject() {
    domain::SubjectId id;
    id.bytes.fill(static_cast<std::uint8_t>(1 + below(12)));
    return id;
}

inline domain::Bytes RandomLog::sealed() {
    // What a fold must not read: bytes in the shape of a sealed part.
    domain::Bytes bytes(57 + below(40));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(below(256));
    bytes.front() = 1;
    return bytes;
}

inline RandomLog::Room RandomLog::room() {
    Room room;
    room.platform = one_of("telegram", "discord", "whatsapp", "slack");
    room.account = one_in(8) ? "second" : "default";
    room.direct = one_in(3);
    room.conversation = room.direct ? domain::to_text(subject()) : number("C", 6);
    return room;
}

inline domain::NewEvent RandomLog::envelope(domain::EventType type) {
    domain::NewEvent event;
    event.type = type;
    event.occurred_at_us = occurred_at();
    event.recorded_by = "decklog";
    event.correlation_id = one_in(2) ? number("corr-", 30) : std::string();
    return event;
}

inline domain::NewEvent RandomLog::in_room(domain::EventType type, const Room& room) {
    domain::NewEvent event = envelope(type);
    event.platform = room.platform;
    event.account = room.account;
    event.conversation = room.conversation;
    event.stream = "room/" + room.platform + "/" + room.account + "/" + room.conversation;
    event.recorded_by = "hook:" + room.platform + ":" + room.account;
    event.subject = subject();
    event.actor = {one_in(9) ? "bot" : "person", domain::to_text(*event.subject)};
    event.sealed = sealed();
    return event;
}

inline domain::NewEvent RandomLog::chat(domain::EventType type) {
    using enum domain::EventType;
    const Room where = room();
    domain::NewEvent event = in_room(type, where);
    const auto fill = [&](auto payload) {
        payload.message_id = message_id();
        payload.room_direct = where.direct;
        return payload;
    };
    if (type == message_received) {
        auto payload = fill(fb::MessageReceivedT{});
        payload.content_kind = one_of("text", "image", "audio");
        payload.reply_to = one_in(6) ? message_id() : std::string();
        payload.actor_is_bot = event.actor.type == "bot";
        event.payload = domain::encode_payload(payload);
    } else if (type == message_edited) {
        auto payload = fill(fb::MessageEditedT{});
        payload.edited_at =
            one_in(4) ? 0 : event.occurred_at_us - static_cast<std::int64_t>(below(3));
        event.payload = domain::encode_payload(payload);
    } else if (type == message_deleted) {
        event.payload = domain::encode_payload(fill(fb::MessageDeletedT{}));
    } else if (type == reaction_set || type == reaction_cleared) {
        auto set = fill(fb::ReactionSetT{});
        set.reactor = event.actor.id;
        set.reaction = where.platform == "slack" ? number("r_", 3) : std::string();
        fb::ReactionClearedT cleared;
        cleared.message_id = set.message_id;
        cleared.room_direct = set.room_direct;
        cleared.reactor = set.reactor;
        cleared.reaction = set.reaction;
        event.payload =
            type == reaction_set ? domain::encode_payload(set) : domain::encode_payload(cleared);
    } else if (type == member_joined || type == member_left) {
        fb::MemberJoinedT joined;
        joined.member = domain::to_text(subject());
        joined.room_direct = where.direct;
        fb::MemberLeftT left;
        left.member = joined.member;
        left.room_direct = where.direct;
        event.payload =
            type == member_joined ? domain::encode_payload(joined) : domain::encode_payload(left);
    } else if (type == command_received) {
        auto payload = fill(fb::CommandReceivedT{});
        payload.interaction_id = number("i", 1000);
        payload.surface = one_of("slash", "text");
        if (one_in(2)) payload.message_id.clear();
        event.payload = domain::encode_payload(payload);
    } else if (type == component_used) {
        auto payload = fill(fb::ComponentUsedT{});
        payload.interaction_id = number("i", 1000);
        payload.component_kind = "button";
        event.payload = domain::encode_payload(payload);
    } else if (type == delivery_status_reported) {
        auto payload = fill(fb::DeliveryStatusReportedT{});
        payload.rank = static_cast<std::uint32_t>(1 + below(4));
        payload.status =
            std::vector<std::string>{"sent", "delivered", "read", "failed"}[payload.rank - 1];
        payload.error_code = payload.rank == 4 ? 131'026 : 0;
        payload.recipient = domain::to_text(subject());
        event.actor = {};
        event.payload = domain::encode_payload(payload);
    } else if (type == room_migrated) {
        fb::RoomMigratedT payload;
        payload.from_room = where.conversation;
        payload.to_room = number("C", 6);
        event.payload = domain::encode_payload(payload);
    } else {
        fb::UnrecognisedReceivedT payload;
        payload.field = "account_update";
        payload.body_length = static_cast<std::uint32_t>(below(4000));
        if (one_in(2)) event.conversation.clear();
        event.payload = domain::encode_payload(payload);
    }
    return event;
}

inline domain::NewEvent RandomLog::audit_action() {
    domain::NewEvent event = envelope(domain::EventType::audit_action_recorded);
    const auto actions = domain::known_actions();
    event.action = one_in(6) ? number("custom_action_", 4)
                             : std::string(actions[below(actions.size())].action);
    event.recorded_by = "token:t1";
    event.actor = {one_of("agent", "system", "worker", "admin", ""),
                   one_in(8) ? "" : number("agent-", 9)};
    if (!one_in(7)) event.platform = one_of("whatsapp", "telegram", "airbnb", "spareroom");
    if (!one_in(5)) event.conversation = number("conv-", 20);
    event.cohort = static_cast<domain::Cohort>(below(4));
    event.release = one_in(2) ? number("r", 3) : std::string();
    event.unit = one_in(4) ? number("unit-", 5) : std::string();
    fb::AuditActionRecordedT payload;
    payload.entity_type = one_of("conversation", "booking", "message");
    payload.entity_id = one_in(9) ? std::string() : number("e", 15);
    event.stream = "audit/" + payload.entity_type + "/" + payload.entity_id;
    if (one_in(3)) {
        payload.id = number("", 100'000);
        payload.id_is_number = one_in(2);
    }
    const auto known = [&](std::string path, std::string token) {
        auto detail = std::make_unique<fb::ClearDetailT>();
        detail->path = std::move(path);
        detail->value = std::move(token);
        payload.known.push_back(std::move(detail));
    };
    if (!event.platform.empty()) known("platform", '"' + event.platform + '"');
    if (one_in(2)) known("stage", one_of("\"ingest\"", "\"dispatch\"", "\"\"", "null"));
    if (one_in(3))
        known("escalationReasonCode",
              one_of("\"low_confidence\"", "\"human_requested\"", "7", "\"\""));
    if (one_in(3)) known("reason", one_of("\"timeout\"", "\"rejected\""));
    if (one_in(4)) known("outcome", one_of("\"ok\"", "\"failed\""));
    if (one_in(2)) {
        event.sealed = sealed();
        event.subject = subject();
    } else {
        payload.details = "{\"stage\":\"ingest\"}";
    }
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent RandomLog::message_record() {
    domain::NewEvent event = envelope(domain::EventType::message_recorded);
    fb::MessageRecordedT payload;
    payload.message_id = number("msg-", 30);
    payload.conversation_id = number("conv-", 20);
    payload.direction = one_of("inbound", "outbound");
    payload.review_status = one_of("new", "draft", "hold", "sent", "approved");
    payload.sent_at =
        one_in(3) ? event.occurred_at_us - static_cast<std::int64_t>(below(90'000'000)) : 0;
    payload.change_id = number("change-", 1'000'000);
    payload.source = "messages";
    event.platform = one_in(6) ? "" : one_of("whatsapp", "telegram", "airbnb");
    event.conversation = payload.conversation_id;
    event.stream = "message/" + payload.message_id;
    event.recorded_by = "token:t1";
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent RandomLog::appointment_record() {
    domain::NewEvent event = envelope(domain::EventType::appointment_recorded);
    fb::AppointmentRecordedT payload;
    payload.appointment_id = number("appt-", 20);
    payload.status = one_of("confirmed", "cancelled", "pending", "reschedule_requested");
    payload.created_at =
        event.occurred_at_us - static_cast<std::int64_t>(below(3ULL * 3600 * 1'000'000));
    payload.starts_at = payload.created_at + 86'400'000'000;
    payload.ends_at = payload.starts_at + 1'800'000'000;
    payload.change_id = number("change-", 1'000'000);
    payload.source = "appointments";
    event.platform = one_in(6) ? "" : one_of("whatsapp", "airbnb");
    event.stream = "appointment/" + payload.appointment_id;
    event.recorded_by = "token:t1";
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent RandomLog::external() {
    domain::NewEvent event = envelope(domain::EventType::external_event_recorded);
    event.external_type = one_of("com.example.deploy", "com.example.alert");
    event.stream = number("ext/service-", 3);
    event.platform = one_in(2) ? "whatsapp" : "";
    event.conversation = one_in(2) ? number("conv-", 20) : std::string();
    event.actor = {"service", number("svc-", 3)};
    event.recorded_by = "token:t1";
    event.content_type = "application/json";
    event.sealed = sealed();
    fb::ExternalEventRecordedT payload;
    payload.cloud_event_id = number("ce-", 1'000'000);
    payload.source = "/services/example";
    payload.data_length = static_cast<std::uint32_t>(event.sealed.size());
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent RandomLog::housekeeping(domain::EventType type) {
    using enum domain::EventType;
    if (type == ledger_created) return created();
    domain::NewEvent event = envelope(type);
    event.platform = "decklog";
    event.actor = {"admin", number("admin-", 3)};
    event.stream = "ledger/0";
    if (type == command_noted) {
        fb::CommandNotedT payload;
        payload.command = "revoke_token";
        event.payload = domain::encode_payload(payload);
    } else if (type == clock_accepted) {
        fb::ClockAcceptedT payload;
        payload.behind_us = static_cast<std::int64_t>(below(100'000'000));
        event.payload = domain::encode_payload(payload);
    } else if (type == ledger_forked) {
        fb::LedgerForkedT payload;
        payload.from_ledger_id = std::make_unique<fb::Key16>();
        payload.ledger_id = std::make_unique<fb::Key16>();
        payload.reason = one_of("restore", "import");
        event.payload = domain::encode_payload(payload);
    } else if (type == ledger_adopted) {
        fb::LedgerAdoptedT payload;
        payload.since_ordinal = below(100);
        event.payload = domain::encode_payload(payload);
    } else if (type == ledger_moved) {
        fb::LedgerMovedT payload;
        payload.to_kind = one_of("topic", "directory");
        payload.to_name = "decklog";
        event.payload = domain::encode_payload(payload);
    } else if (type == workspace_placed) {
        fb::WorkspacePlacedT payload;
        payload.workspace = one_of("north", "south");
        payload.partition = 1 + static_cast<std::uint32_t>(below(3));
        event.payload = domain::encode_payload(payload);
    } else if (type == level_raised) {
        fb::LevelRaisedT payload;
        payload.from_level = 1;
        payload.level = 2;
        event.payload = domain::encode_payload(payload);
    } else if (type == subject_erased) {
        event.subject = subject();
        event.stream = "subject/" + domain::to_text(*event.subject);
        fb::SubjectErasedT payload;
        payload.reason = "request";
        event.payload = domain::encode_payload(payload);
    } else if (type == personal_data_read) {
        event.stream = "personal-data/reads";
        fb::PersonalDataReadT payload;
        payload.by = "token:t1";
        payload.count = below(50);
        event.payload = domain::encode_payload(payload);
    } else if (type == token_created) {
        fb::TokenCreatedT payload;
        payload.token_id = number("t", 9);
        payload.role = one_of("viewer", "operator", "ingest");
        payload.name = "night-shift";
        payload.hash = std::vector<std::uint8_t>(32, 7);
        event.stream = "token/" + payload.token_id;
        event.payload = domain::encode_payload(payload);
    } else {
        fb::TokenRevokedT payload;
        payload.token_id = number("t", 9);
        event.stream = "token/" + payload.token_id;
        event.payload = domain::encode_payload(payload);
    }
    return event;
}

inline domain::NewEvent RandomLog::service(domain::EventType type) {
    using enum domain::EventType;
    domain::NewEvent event = envelope(type);
    event.actor = {"admin", number("admin-", 3)};
    event.platform = one_of("whatsapp", "telegram", "airbnb");
    event.account = one_of("default", "second");
    const std::string id = event.platform + "-" + event.account;
    const auto with_policy = [&](auto payload) {
        payload.account_id = id;
        payload.is_active = !one_in(3);
        payload.send_mode = one_of("", "auto_send", "draft_only");
        payload.integration_mode = "rpa";
        payload.effective_send_mode = payload.send_mode.empty() ? "draft_only" : payload.send_mode;
        if (one_in(2)) {
            payload.credentials.push_back(std::make_unique<fb::CredentialRefT>());
            payload.credentials.back()->key = "sessionRef";
            payload.credentials.back()->ref = "env:SESSION";
        }
        return payload;
    };
    event.stream = "account/" + id;
    if (type == platform_account_created) {
        auto payload = with_policy(fb::PlatformAccountCreatedT{});
        payload.platform = event.platform;
        payload.account_name = "Night desk";
        payload.account_external_id = event.account;
        event.payload = domain::encode_payload(payload);
    } else if (type == platform_policy_updated) {
        auto payload = with_policy(fb::PlatformPolicyUpdatedT{});
        payload.updates = {"isActive", "sendMode"};
        event.payload = domain::encode_payload(payload);
    } else {
        fb::WorkerReportedT payload;
        payload.worker = number("worker-", 3);
        payload.provider = one_of("heuristic", "gemini");
        payload.runtime = one_of("playwright", "mock");
        payload.queue_depth = below(50);
        if (one_in(3)) {
            payload.has_error = true;
            payload.error_hash = std::make_unique<fb::Key16>();
            event.sealed = sealed();
            event.subject = subject();
        }
        event.platform = "decklog";
        event.account.clear();
        event.release = number("r", 3);
        event.stream = "worker/" + payload.worker;
        event.payload = domain::encode_payload(payload);
    }
    return event;
}

inline domain::NewEvent RandomLog::of_rollout(domain::EventType type) {
    using enum domain::EventType;
    domain::NewEvent event = envelope(type);
    event.platform = "decklog";
    event.stream = "rollout/" + number("r", 4);
    if (type == rollout_created) {
        fb::RolloutCreatedT payload;
        payload.service = "lease-api";
        payload.release = number("v", 3);
        payload.baseline_release = "v0";
        payload.policy_hash = "h";
        payload.policy = domain::record_of(*domain::gate::find_profile("lease-bot"));
        payload.salt = std::make_unique<fb::Key16>();
        event.payload = domain::encode_payload(payload);
    } else if (type == rollout_stage_changed) {
        fb::RolloutStageChangedT payload;
        payload.stage = one_of("canary", "canary", "canary", "full", "rolled_back");
        payload.weight = payload.stage == "canary" ? static_cast<double>(5 + 5 * below(3)) : 0;
        event.payload = domain::encode_payload(payload);
    } else if (type == check_sealed) {
        fb::CheckSealedT payload;
        payload.number = static_cast<std::uint32_t>(below(20));
        payload.cause = "asked";
        event.payload = domain::encode_payload(payload);
    } else if (type == verdict_reached) {
        fb::VerdictReachedT payload;
        payload.verdict = one_of("continue", "hold", "promote", "rollback");
        payload.reason = one_of("not_proven", "regression");
        event.payload = domain::encode_payload(payload);
    } else if (type == gate_result_recorded) {
        fb::GateResultRecordedT payload;
        payload.name = "ci";
        payload.passed = one_in(2);
        event.payload = domain::encode_payload(payload);
    } else if (type == baseline_frozen) {
        fb::BaselineFrozenT payload;
        payload.until_ordinal = below(100);
        event.payload = domain::encode_payload(payload);
    } else if (type == rollout_command_ran) {
        fb::RolloutCommandRanT payload;
        payload.run = "run-1";
        payload.words = {"true"};
        event.payload = domain::encode_payload(payload);
    } else if (type == drill_recorded) {
        fb::DrillRecordedT payload;
        payload.kind = one_of("rollout", "rollback");
        payload.passed = one_in(2);
        event.payload = domain::encode_payload(payload);
    } else {
        fb::RolloutOverriddenT payload;
        payload.reason = "drill";
        payload.expires_at = now_us_;
        event.payload = domain::encode_payload(payload);
    }
    return event;
}

}  // namespace decklog::projections::random_log
