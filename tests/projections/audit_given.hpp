// Plain rows as the services' own tables would hold them, and the events that say the same: what
// the audit view folds, and what a naive oracle reads instead. Rows are drawn from small sets, so
// that they tie, repeat and meet at the edges of windows.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "domain/event.hpp"
#include "domain/payload.hpp"
#include "projections/rows.hpp"
#include "projections/view.hpp"
#include "store/frame/frame.hpp"

namespace decklog::projections::audit_given {

inline constexpr std::int64_t kMinute = 60'000'000;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr std::int64_t kNoon =
    1'767'225'600'000'000 + 10 * kDay + 12 * kHour;  // 2026-01-11T12:00Z

/// One row of AuditLogs, with what the details say; nullopt: no such key, or null.
struct AuditRow {
    std::int64_t created_us = 0;
    std::string action{};
    std::string platform{};
    std::string actor_type{};
    std::string actor_id{};
    std::string conversation{};
    std::optional<std::string> stage{}, outcome{}, reason_code{}, decision_reason{};
    domain::Cohort cohort = domain::Cohort::none;
    std::string unit{};
    std::string entity_id = "e1";
};
/// One change of a message or an appointment: what it is from `time` on.
struct MessageChange {
    std::int64_t time_us = 0;
    std::string id{}, direction{}, status{};
    std::int64_t sent_us = 0;
};
struct AppointmentChange {
    std::int64_t time_us = 0;
    std::string id{}, status{}, platform{};
    std::int64_t created_us = 0;
};

/// A JSON string token with what needs escaping escaped.
inline std::string token(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out + "\"";
}

inline domain::NewEvent event_of(const AuditRow& row) {
    domain::NewEvent event;
    event.type = domain::EventType::audit_action_recorded;
    event.action = row.action;
    event.stream = "audit/message/" + row.entity_id;
    event.occurred_at_us = row.created_us;
    event.actor = {row.actor_type, row.actor_id};
    event.recorded_by = "token:t1";
    event.platform = row.platform;
    event.conversation = row.conversation;
    event.cohort = row.cohort;
    event.unit = row.unit;
    fb::AuditActionRecordedT payload;
    payload.entity_type = "message";
    payload.entity_id = row.entity_id;
    const auto known = [&](const char* path, const std::optional<std::string>& text) {
        if (!text) return;
        auto detail = std::make_unique<fb::ClearDetailT>();
        detail->path = path;
        detail->value = token(*text);
        payload.known.push_back(std::move(detail));
    };
    known("decision.reason", row.decision_reason);
    known("escalationReasonCode", row.reason_code);
    known("outcome", row.outcome);
    known("stage", row.stage);
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent event_of(const MessageChange& change) {
    domain::NewEvent event;
    event.type = domain::EventType::message_recorded;
    event.stream = "message/" + change.id;
    event.occurred_at_us = change.time_us;
    fb::MessageRecordedT payload;
    payload.message_id = change.id;
    payload.direction = change.direction;
    payload.review_status = change.status;
    payload.sent_at = change.sent_us;
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent event_of(const AppointmentChange& change) {
    domain::NewEvent event;
    event.type = domain::EventType::appointment_recorded;
    event.stream = "appointment/" + change.id;
    event.occurred_at_us = change.time_us;
    event.platform = change.platform;
    fb::AppointmentRecordedT payload;
    payload.appointment_id = change.id;
    payload.status = change.status;
    payload.created_at = change.created_us;
    event.payload = domain::encode_payload(payload);
    return event;
}

inline domain::NewEvent chat_message(std::int64_t time_us) {
    domain::NewEvent event;
    event.type = domain::EventType::message_received;
    event.stream = "room/telegram/default/-100";
    event.occurred_at_us = time_us;
    event.platform = "telegram";
    event.conversation = "-100";
    event.actor = {"person", "p_1"};
    event.payload = domain::encode_payload(fb::MessageReceivedT{});
    return event;
}

/// Folds events [rows' state, …) one frame each, `batch()` of them at a time, positions from
/// `first`.
template <class BatchSize>
void fold(const View& view, const std::vector<domain::NewEvent>& events, MemoryRows& rows,
          std::uint64_t first, const BatchSize& batch) {
    std::vector<store::FramePtr> frames;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const store::PlacedEvent placed{&events[i], domain::EventId{}, 1};
        frames.push_back(store::Frame::encode({}, {0, first + i}, events[i].occurred_at_us,
                                              std::nullopt, {}, std::span(&placed, 1)));
    }
    for (std::size_t i = 0; i < frames.size();) {
        const auto fold = view.begin(rows);
        for (std::size_t left = batch(); left > 0 && i < frames.size(); --left, ++i) {
            const auto parked = fold->apply(frames[i]->event(0));
            if (parked) std::abort();
        }
        fold->finish(rows);
    }
}

inline MemoryRows folded(const View& view, const std::vector<domain::NewEvent>& events,
                         std::size_t batch = 1000) {
    MemoryRows rows;
    fold(view, events, rows, 0, [batch] { return batch; });
    return rows;
}

/// Random rows and the events that say them, in log order. The same seed gives the same.
class RandomTables {
  public:
    explicit RandomTables(std::uint64_t seed) : random_(seed) {}

    struct Message : MessageChange {
        std::uint64_t position = 0;
    };
    struct Audit : AuditRow {
        std::uint64_t position = 0;
    };
    struct Appointment : AppointmentChange {
        std::uint64_t position = 0;
    };

    std::vector<domain::NewEvent> events;
    std::vector<Audit> audits;
    std::vector<Message> messages;
    std::vector<Appointment> appointments;
    std::vector<std::int64_t> chats;

    void draw(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) draw_one();
    }
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    /// Times of 9 days around noon, often on or a microsecond beside an edge of a minute, an hour
    /// or a day.
    std::int64_t time() {
        const std::int64_t spans[] = {3 * kMinute, 3 * kHour, 9 * kDay};
        const std::int64_t span = spans[below(3)];
        std::int64_t time =
            kNoon - static_cast<std::int64_t>(below(static_cast<std::uint64_t>(span)));
        const std::int64_t grains[] = {1, 1, kMinute, kHour, kDay};
        const std::int64_t grain = grains[below(5)];
        time = time / grain * grain;
        return grain > 1 ? time + static_cast<std::int64_t>(below(3)) - 1 : time;
    }

  private:
    template <class... Texts>
    std::string one_of(Texts... texts) {
        const std::string choices[] = {std::string(texts)...};
        return choices[below(sizeof...(texts))];
    }
    std::optional<std::string> maybe(std::string text) {
        return below(3) == 0 ? std::nullopt : std::optional(std::move(text));
    }
    void draw_one() {
        const std::uint64_t dice = below(10);
        if (dice < 6) return draw_audit();
        if (dice < 8) return draw_message();
        if (dice < 9) return draw_appointment();
        chats.push_back(time());
        events.push_back(chat_message(chats.back()));
    }
    void draw_audit() {
        Audit row;
        row.position = events.size();
        row.created_us = time() + (below(12) == 0 ? 4 * kMinute : 0);
        const auto known = domain::known_actions();
        row.action = below(8) == 0 ? one_of("deploy_started", "deploy_finished")
                                   : std::string(known[below(known.size())].action);
        row.platform = one_of("", "unknown", "roomies", "renthop", "spare\xC3\xA9");
        row.actor_type = one_of("", "worker", "admin");
        row.actor_id = one_of("", "unknown", "a1", "a2", "b");
        row.conversation = one_of("", "unknown", "c1", "c2", "c10", "c3", "c4", "c5");
        row.stage = maybe(one_of("", "pipeline", "dispatch_outbound_message", "say \"hi\"\\"));
        row.outcome = maybe(one_of("", "escalate", "send"));
        row.reason_code = maybe(one_of("", "escalate_no_slot_candidates", "policy_send_allowed"));
        row.decision_reason =
            maybe(one_of("", "escalate_non_tour_intent", "escalate_", "escalated"));
        row.cohort = static_cast<domain::Cohort>(below(4));
        row.unit = one_of("", "", "u1", "u2");
        row.entity_id = one_of("e1", "e2", "e3");
        audits.push_back(row);
        events.push_back(event_of(row));
    }
    void draw_message() {
        Message row;
        row.position = events.size();
        row.id = "m" + std::to_string(below(9));
        row.time_us = kNoon + static_cast<std::int64_t>(below(6));  // out of order, with ties
        row.direction = one_of("inbound", "outbound", "outbound");
        row.status = one_of("", "new", "draft", "sent", "hold", "archived");
        row.sent_us = time();
        messages.push_back(row);
        events.push_back(event_of(row));
    }
    void draw_appointment() {
        Appointment row;
        row.position = events.size();
        row.id = "p" + std::to_string(below(6));
        row.time_us = kNoon + static_cast<std::int64_t>(below(6));
        row.status = one_of("", "confirmed", "pending", "cancelled");
        row.platform = one_of("", "unknown", "roomies", "renthop");
        row.created_us = time();
        appointments.push_back(row);
        events.push_back(event_of(row));
    }

    std::mt19937_64 random_;
};

}  // namespace decklog::projections::audit_given
