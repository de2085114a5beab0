// The named mix of the benchmarks: 70 % audit actions, 20 % messages, 10 % the rest (edits,
// receipts, reactions, members, records); 5 % of all up to 30 days late. 116 events a second, so
// that ten million are one day; 100,000 conversations and 20,000 rooms, few of them busy. The same
// number gives the same event on every machine: no std distribution, no clock.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "domain/event.hpp"
#include "domain/payload.hpp"

namespace decklog::bench {

class Mix {
  public:
    static constexpr std::int64_t kStartUs = 1'735'689'600'000'000;  // 2025-01-01T00:00:00Z
    static constexpr std::int64_t kStepUs = 8'640;                   // ten million events a day
    static constexpr std::uint64_t kConversations = 100'000;
    static constexpr std::uint64_t kRooms = 20'000;
    static constexpr std::int64_t kLateMaxUs = 30LL * 24 * 3600 * 1'000'000;

    /// A tenth of the audit actions is of a canary, the others are of cohort `others`.
    explicit Mix(std::uint64_t seed = 1, domain::Cohort others = domain::Cohort::full)
        : others_(others), random_(seed) {}

    /// When the next event is written down.
    [[nodiscard]] std::int64_t now_us() const {
        return kStartUs + static_cast<std::int64_t>(made_) * kStepUs;
    }
    [[nodiscard]] domain::NewEvent next() {
        const std::uint64_t dice = below(100);
        domain::NewEvent event = dice < 70 ? audit_action() : dice < 90 ? message() : rest();
        event.occurred_at_us = now_us() - static_cast<std::int64_t>(below(kStepUs));
        if (below(100) < 5)
            event.occurred_at_us -=
                static_cast<std::int64_t>(below(static_cast<std::uint64_t>(kLateMaxUs)));
        ++made_;
        return event;
    }

  private:
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    /// Low numbers far more often than high ones: the busiest tenth has about a third of all.
    [[nodiscard]] std::uint64_t skewed(std::uint64_t bound) {
        return below(bound) * below(bound) / bound;
    }
    template <std::size_t Size>
    [[nodiscard]] std::string_view one_of(const std::array<std::string_view, Size>& texts) {
        return texts[below(Size)];
    }
    static std::string numbered(std::string_view prefix, std::uint64_t number) {
        return std::string(prefix) + std::to_string(number);
    }
    static domain::SubjectId subject(std::uint64_t number) {
        domain::SubjectId id;
        for (std::size_t i = 0; i < 8; ++i) {
            id.bytes[i] = static_cast<std::uint8_t>(number * 0x9E3779B97F4A7C15U >> (8 * i));
            id.bytes[8 + i] = static_cast<std::uint8_t>(number >> (8 * i));
        }
        return id;
    }
    [[nodiscard]] domain::Bytes sealed(std::size_t text_bytes) {
        constexpr std::size_t kEnvelope = 1 + 16 + 24 + 16;
        domain::Bytes bytes(kEnvelope + text_bytes);
        for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
            const std::uint64_t word = random_();
            for (std::size_t j = 0; j < 8; ++j)
                bytes[i + j] = static_cast<std::uint8_t>(word >> (8 * j));
        }
        bytes.front() = 1;
        return bytes;
    }

    [[nodiscard]] domain::NewEvent audit_action();
    [[nodiscard]] domain::NewEvent chat(domain::EventType type, std::uint64_t room);
    [[nodiscard]] domain::NewEvent message();
    [[nodiscard]] domain::NewEvent rest();
    [[nodiscard]] domain::NewEvent about_message(domain::EventType type);
    [[nodiscard]] domain::NewEvent message_record();
    [[nodiscard]] domain::NewEvent appointment_record();

    static constexpr std::array<std::string_view, 4> kPlatforms{"telegram", "discord", "whatsapp",
                                                                "slack"};
    static constexpr std::size_t kRemembered = 4096;
    struct Said {
        std::uint64_t room = 0;
        std::uint64_t message = 0;
    };

    domain::Cohort others_;
    std::mt19937_64 random_;
    std::uint64_t made_ = 0;
    std::array<Said, kRemembered> said_{};  // the latest messages, which the rest speaks of
    std::uint64_t messages_ = 0;
};

inline domain::NewEvent Mix::audit_action() {
    // Of a hundred actions; what is left over goes to the last one.
    static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 14> kActions{
        {{"ai_reply_decision", 16},
         {"ai_reply_created", 10},
         {"ai_reply_send_attempted", 10},
         {"ai_reply_draft_created", 4},
         {"ai_reply_skipped", 6},
         {"ai_reply_escalated", 3},
         {"ai_reply_error", 1},
         {"platform_dispatch_sent", 12},
         {"platform_dispatch_error", 1},
         {"inbox_message_approved", 3},
         {"inbox_draft_saved", 3},
         {"showing_booking_created", 2},
         {"ingest_conversation_linkage_resolved", 12},
         {"workflow_state_transitioned", 17}}};
    std::uint64_t dice = below(100);
    const auto* chosen = kActions.begin();
    while (chosen != kActions.end() - 1 && dice >= chosen->second) dice -= (chosen++)->second;

    domain::NewEvent event;
    event.type = domain::EventType::audit_action_recorded;
    event.action = chosen->first;
    event.conversation = numbered("conversation-", skewed(kConversations));
    event.stream = "audit/conversation/" + event.conversation;
    event.actor = {"agent", numbered("agent-", skewed(50))};
    event.recorded_by = "token:7f3a9c01";
    event.platform = one_of(kPlatforms);
    event.cohort = below(100) < 10 ? domain::Cohort::canary : others_;
    fb::AuditActionRecordedT payload;
    payload.entity_type = "conversation";
    payload.entity_id = event.conversation;
    const auto known = [&payload](std::string path, std::string token) {
        auto detail = std::make_unique<fb::ClearDetailT>();
        detail->path = std::move(path);
        detail->value = std::move(token);
        payload.known.push_back(std::move(detail));
    };
    known("platform", '"' + event.platform + '"');
    known("stage", below(2) == 0 ? "\"ingest\"" : "\"dispatch\"");
    if (event.action == "ai_reply_escalated") known("escalationReasonCode", "\"escalate_human\"");
    event.payload = domain::encode_payload(payload);
    if (below(3) == 0) event.sealed = sealed(100);
    return event;
}

inline domain::NewEvent Mix::chat(domain::EventType type, std::uint64_t room) {
    domain::NewEvent event;
    event.type = type;
    event.platform = kPlatforms[room % kPlatforms.size()];
    event.account = "default";
    event.conversation = room % 2 == 0 ? domain::to_text(subject(room)) : numbered("C", room);
    event.stream = "room/" + event.platform + "/default/" + event.conversation;
    event.recorded_by = "hook:" + event.platform + ":default";
    // A room has a few people of its own.
    event.subject = subject(room % 2 == 0 ? room : kRooms + room * 20 + skewed(20));
    event.actor = {"person", domain::to_text(*event.subject)};
    event.sealed = sealed(120);
    return event;
}

inline domain::NewEvent Mix::message() {
    const Said said{skewed(kRooms), ++messages_};
    said_[messages_ % kRemembered] = said;
    domain::NewEvent event = chat(domain::EventType::message_received, said.room);
    fb::MessageReceivedT payload;
    payload.message_id = numbered("m_", said.message);
    payload.room_direct = said.room % 2 == 0;
    payload.content_kind = "text";
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent Mix::about_message(domain::EventType type) {
    const Said said = said_[below(std::min<std::uint64_t>(messages_ + 1, kRemembered))];
    domain::NewEvent event = chat(type, said.room);
    const auto fill = [&](auto payload) {
        payload.message_id = numbered("m_", said.message);
        payload.room_direct = said.room % 2 == 0;
        return payload;
    };
    if (type == domain::EventType::message_edited) {
        event.payload = domain::encode_payload(fill(fb::MessageEditedT{}));
    } else if (type == domain::EventType::reaction_set) {
        auto payload = fill(fb::ReactionSetT{});
        payload.reactor = event.actor.id;
        event.payload = domain::encode_payload(payload);
    } else {
        auto payload = fill(fb::DeliveryStatusReportedT{});
        payload.status = below(2) == 0 ? "delivered" : "read";
        payload.rank = payload.status == "read" ? 3 : 2;
        event.payload = domain::encode_payload(payload);
        event.sealed.clear();
    }
    return event;
}

inline domain::NewEvent Mix::message_record() {
    domain::NewEvent event;
    event.type = domain::EventType::message_recorded;
    fb::MessageRecordedT payload;
    payload.message_id = numbered("msg-", made_ / 4 + below(1000));
    payload.conversation_id = numbered("conversation-", skewed(kConversations));
    payload.direction = below(2) == 0 ? "inbound" : "outbound";
    payload.review_status = payload.direction == "inbound" ? "new"
                            : below(3) == 0                ? "draft"
                                                           : "sent";
    payload.change_id = numbered("change-", made_);
    payload.source = "messages";
    payload.sent_at = now_us();
    event.platform = one_of(kPlatforms);
    event.conversation = payload.conversation_id;
    event.stream = "message/" + payload.message_id;
    event.recorded_by = "token:7f3a9c01";
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent Mix::appointment_record() {
    static constexpr std::array<std::string_view, 3> kStatuses{"confirmed", "pending", "cancelled"};
    domain::NewEvent event;
    event.type = domain::EventType::appointment_recorded;
    fb::AppointmentRecordedT payload;
    payload.appointment_id = numbered("appointment-", made_ / 50 + below(100));
    payload.status = one_of(kStatuses);
    payload.created_at = now_us();
    payload.change_id = numbered("change-", made_);
    payload.source = "appointments";
    event.platform = one_of(kPlatforms);
    event.stream = "appointment/" + payload.appointment_id;
    event.recorded_by = "token:7f3a9c01";
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent Mix::rest() {
    const std::uint64_t dice = below(10);
    if (dice < 4) return about_message(domain::EventType::delivery_status_reported);
    if (dice < 5) return about_message(domain::EventType::message_edited);
    if (dice < 6) return about_message(domain::EventType::reaction_set);
    if (dice < 7) {
        domain::NewEvent event = chat(domain::EventType::member_joined, skewed(kRooms));
        fb::MemberJoinedT payload;
        payload.member = event.actor.id;
        event.payload = domain::encode_payload(payload);
        return event;
    }
    return dice < 9 ? message_record() : appointment_record();
}

}  // namespace decklog::bench
