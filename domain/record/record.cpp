#include "domain/record/record.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "domain/stream_name.hpp"
#include "domain/text.hpp"

namespace decklog::domain {
namespace {

constexpr std::array<std::string_view, 2> kDirections{"inbound", "outbound"};
constexpr std::array<std::string_view, 4> kReviewStatuses{"new", "draft", "sent", "hold"};
constexpr std::array<std::string_view, 6> kAppointmentStatuses{
    "pending", "confirmed", "reschedule_requested", "cancelled", "completed", "no_show"};

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

struct NamedId {
    std::string_view field;
    std::string_view id;
};

template <std::size_t N>
std::optional<Rejection> refusal_of_ids(const std::array<NamedId, N>& ids) {
    const auto bad = std::find_if(ids.begin(), ids.end(),
                                  [](const NamedId& named) { return !is_outside_id(named.id); });
    if (bad == ids.end()) return std::nullopt;
    return Rejection{"invalid_id", "an id is 1-200 bytes of UTF-8 without control characters",
                     std::string(bad->field),
                     static_cast<std::int64_t>(limits::kOutsideIdBytesMax)};
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<Rejection> refusal_of(const MessageRecord& record) {
    if (auto refusal = refusal_of_ids(std::array{NamedId{"messageId", record.message_id},
                                                 NamedId{"conversationId", record.conversation_id},
                                                 NamedId{"platform", record.platform},
                                                 NamedId{"id", record.change_id}})) {
        return refusal;
    }
    if (!is_one_of(kDirections, record.direction)) {
        return Rejection{"unknown_direction", "the direction is inbound or outbound", "direction"};
    }
    if (!is_one_of(kReviewStatuses, record.review_status)) {
        return Rejection{"unknown_review_status", "the review status is new, draft, sent or hold",
                         "reviewStatus"};
    }
    return std::nullopt;
}

std::optional<Rejection> refusal_of(const AppointmentRecord& record, std::int64_t now_us) {
    if (auto refusal = refusal_of_ids(std::array{NamedId{"appointmentId", record.appointment_id},
                                                 NamedId{"platform", record.platform},
                                                 NamedId{"id", record.change_id}})) {
        return refusal;
    }
    if (!is_one_of(kAppointmentStatuses, record.status)) {
        return Rejection{"unknown_status",
                         "the status is pending, confirmed, reschedule_requested, cancelled, "
                         "completed or no_show",
                         "status"};
    }
    if (record.created_at_us > now_us + limits::kAheadMicrosMax) {
        return Rejection{"created_ahead", "createdAt may be at most 5 minutes ahead", "createdAt",
                         limits::kAheadMicrosMax / kMicrosPerSecond};
    }
    if (record.ends_at_us <= record.starts_at_us) {
        return Rejection{"ends_before_start", "endsAt must be after startsAt", "endsAt"};
    }
    return std::nullopt;
}

}  // namespace

Decision<NewEvent> message_recorded(const MessageRecord& record, NewEvent envelope) {
    if (auto refusal = refusal_of(record)) return tl::unexpected(std::move(*refusal));
    fb::MessageRecordedT payload;
    payload.message_id = record.message_id;
    payload.conversation_id = record.conversation_id;
    payload.direction = record.direction;
    payload.review_status = record.review_status;
    payload.sent_at = record.sent_at_us;
    payload.change_id = record.change_id;
    payload.source = record.source;
    envelope.type = EventType::message_recorded;
    envelope.stream = message_stream(record.message_id);
    envelope.platform = record.platform;
    envelope.conversation = record.conversation_id;
    envelope.payload = encode_payload(payload);
    return envelope;
}

Decision<NewEvent> appointment_recorded(const AppointmentRecord& record, NewEvent envelope,
                                        std::int64_t now_us) {
    if (auto refusal = refusal_of(record, now_us)) return tl::unexpected(std::move(*refusal));
    fb::AppointmentRecordedT payload;
    payload.appointment_id = record.appointment_id;
    payload.status = record.status;
    payload.created_at = record.created_at_us;
    payload.starts_at = record.starts_at_us;
    payload.ends_at = record.ends_at_us;
    payload.change_id = record.change_id;
    payload.source = record.source;
    envelope.type = EventType::appointment_recorded;
    envelope.stream = appointment_stream(record.appointment_id);
    envelope.platform = record.platform;
    envelope.payload = encode_payload(payload);
    return envelope;
}

}  // namespace decklog::domain
