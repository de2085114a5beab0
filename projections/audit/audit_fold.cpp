#include "projections/audit/audit_fold.hpp"

#include <array>

#include "projections/audit/clear_details.hpp"
#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::audit {
namespace {

using domain::EventType;

constexpr std::array<std::string_view, 3> kEscalationDecisions{
    "ai_reply_decision", "ai_reply_escalated", "ai_reply_skipped"};

constexpr std::size_t kKnownKindsMax = 4096;  // between batches: actions have any name

Parked unreadable(const domain::EventView& event, const char* reason) {
    return {std::string(event.stream()), reason};
}

bool is_audited(const domain::EventView& event) {
    const domain::TypeInfo* info = domain::find_type(event.type());
    return info != nullptr && info->audited;
}

std::string_view view(const flatbuffers::String* text) {
    return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
}

/// A message's review status; absent means new for what came in and sent for what went out.
Review review_of(std::string_view status, Direction direction) {
    if (status.empty()) return direction == Direction::inbound ? Review::fresh : Review::sent;
    if (status == "new") return Review::fresh;
    if (status == "draft") return Review::draft;
    if (status == "sent") return Review::sent;
    if (status == "hold") return Review::hold;
    return Review::other;
}

/// 0: neither in nor out, counted nowhere.
std::uint32_t slot_of(const fb::MessageRecorded& message) {
    const std::string_view direction = view(message.direction());
    const std::string_view status = view(message.review_status());
    if (direction == "inbound") {
        return message_slot(Direction::inbound, review_of(status, Direction::inbound));
    }
    if (direction == "outbound") {
        return message_slot(Direction::outbound, review_of(status, Direction::outbound));
    }
    return 0;
}

}  // namespace

std::optional<Parked> AuditFold::apply(const domain::EventView& event) {
    if (event.is(EventType::message_recorded)) return count_message_record(event);
    if (event.is(EventType::appointment_recorded)) return count_appointment_record(event);
    if (event.is(EventType::message_received)) {
        count_message(event.occurred_at_us(), message_slot(Direction::inbound, Review::fresh), 1);
    }
    if (is_audited(event)) return count_action(event);
    return std::nullopt;
}

std::optional<Parked> AuditFold::count_action(const domain::EventView& event) {
    const ActionKind& kind = kind_of(or_unknown(event.action()));
    CountedDetails details;
    if (event.is(EventType::audit_action_recorded) && (kind.failure || kind.decides_escalation)) {
        const auto* payload = event.payload_as<fb::AuditActionRecorded>();
        if (payload == nullptr)
            return unreadable(event, "the payload of an audit action does not verify");
        auto counted = counted_details(*payload);
        if (!counted) return unreadable(event, "a clear detail of an audit action is not JSON");
        details = *std::move(counted);
    }
    AuditEntry entry;
    entry.ordinal = event.position().ordinal;
    entry.critical = kind.critical;
    entry.action = kind.number;
    entry.platform = word(books::kPlatforms, event.platform());
    agent_.clear();
    counting::put_ordered(agent_, or_unknown(event.actor_type()));
    counting::put_ordered(agent_, or_unknown(event.actor_id()));
    entry.agent = words_.number(books::kAgents, agent_);
    entry.conversation = word(books::kConversations, event.conversation());
    if (kind.failure) {
        entry.failure = words_.number(books::kFailures,
                                      counting::texts(or_unknown(event.platform()),
                                                      or_unknown(details.stage), event.action()));
    }
    if (kind.decides_escalation) {
        if (const auto reason = escalation_reason(details))
            entry.reason = word(books::kReasons, *reason);
    }
    count_entry(event.occurred_at_us(), entry);
    if (kind.error) moments_.add_error(event.occurred_at_us(), entry.ordinal);
    return std::nullopt;
}

void AuditFold::count_entry(std::int64_t time_us, const AuditEntry& entry) {
    moments_.add_action(time_us, entry);
    snapshot_counts_.add(time_us, slot(Group::action, entry.action), 1);
    counting::BucketCounts& counts = entry.critical ? snapshot_counts_ : other_counts_;
    counts.add(time_us, slot(Group::platform, entry.platform), 1);
    counts.add(time_us, slot(Group::agent, entry.agent), 1);
    counts.add(time_us, slot(Group::conversation, entry.conversation), 1);
    if (entry.failure != 0) snapshot_counts_.add(time_us, slot(Group::failure, entry.failure), 1);
    if (entry.reason != 0) snapshot_counts_.add(time_us, slot(Group::reason, entry.reason), 1);
}

std::optional<Parked> AuditFold::count_message_record(const domain::EventView& event) {
    const auto* message = event.payload_as<fb::MessageRecorded>();
    if (message == nullptr)
        return unreadable(event, "the payload of a message record does not verify");
    const auto change = messages_.change(
        event.workspace(), view(message->message_id()),
        {event.occurred_at_us(), event.position().ordinal, message->sent_at(), slot_of(*message)});
    if (!change) return std::nullopt;
    if (change->before) count_message(change->before->counted_at_us, change->before->first, -1);
    count_message(change->after.counted_at_us, change->after.first, 1);
    return std::nullopt;
}

std::optional<Parked> AuditFold::count_appointment_record(const domain::EventView& event) {
    const auto* appointment = event.payload_as<fb::AppointmentRecorded>();
    if (appointment == nullptr) {
        return unreadable(event, "the payload of an appointment record does not verify");
    }
    const auto change = appointments_.change(
        event.workspace(), view(appointment->appointment_id()),
        {event.occurred_at_us(), event.position().ordinal, appointment->created_at(),
         word(books::kStatuses, view(appointment->status())),
         word(books::kPlatforms, event.platform())});
    if (!change) return std::nullopt;
    if (change->before) count_booking(*change->before, -1);
    count_booking(change->after, 1);
    return std::nullopt;
}

void AuditFold::count_message(std::int64_t time_us, std::uint32_t slot_number, std::int64_t count) {
    if (slot_number == 0) return;
    const counting::Slot counted = slot(Group::message, slot_number);
    count_state(time_us, counted, count);
    std::string total;
    counting::put_slot(total, counted);
    message_totals_.add(total, count);
}

void AuditFold::count_booking(const RecordState& state, std::int64_t count) {
    count_state(state.counted_at_us, slot(Group::booking_status, state.first), count);
    count_state(state.counted_at_us, slot(Group::booking_platform, state.second), count);
}

void AuditFold::count_state(std::int64_t time_us, counting::Slot counted, std::int64_t count) {
    snapshot_counts_.add(time_us, counted, count);
    moments_.add_change(time_us, counted, count);
}

const AuditFold::ActionKind& AuditFold::kind_of(std::string_view action) {
    if (const auto found = kinds_.find(action); found != kinds_.end()) return found->second;
    ActionKind kind;
    kind.number = words_.number(books::kActions, action);
    if (const domain::ActionInfo* info = domain::find_action(action)) {
        kind.critical = info->critical;
        kind.error = info->error;
        kind.failure = info->failure;
    }
    for (const std::string_view decision : kEscalationDecisions) {
        if (action == decision) kind.decides_escalation = true;
    }
    return kinds_.emplace(std::string(action), kind).first->second;
}

void AuditFold::finish(RowWriter& rows) {
    words_.finish(rows);
    messages_.finish(rows);
    appointments_.finish(rows);
    snapshot_counts_.finish(kSnapshotCounts, rows);
    other_counts_.finish(kOtherCounts, rows);
    moments_.finish(rows);
    if (!message_totals_.empty()) {
        rows.add_counts(std::string(1, kMessageTotals), message_totals_.packed());
        message_totals_ = {};
    }
    if (kinds_.size() > kKnownKindsMax) kinds_.clear();
}

}  // namespace decklog::projections::audit
