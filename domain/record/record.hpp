// Records: what another service says one of its own entities now is. Two kinds, a message and an
// appointment; the id of the entity names the row, the CloudEvents id names the change, and the
// newest `time` wins. There is nothing to decide from history, so each is a pure check that turns
// plain values into the event, or refuses naming the field. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "domain/event.hpp"
#include "domain/result.hpp"

namespace decklog::domain {

struct MessageRecord {
    std::string message_id{};
    std::string conversation_id{};
    std::string platform{};
    std::string direction{};      // inbound, outbound
    std::string review_status{};  // new, draft, sent, hold
    std::int64_t sent_at_us = 0;
    std::string change_id{};  // the CloudEvents id
    std::string source{};     // the CloudEvents source; its length is the door's to limit
};

struct AppointmentRecord {
    std::string appointment_id{};
    std::string platform{};
    std::string
        status{};  // pending, confirmed, reschedule_requested, cancelled, completed, no_show
    std::int64_t created_at_us = 0;
    std::int64_t starts_at_us = 0;
    std::int64_t ends_at_us = 0;
    std::string change_id{};
    std::string source{};
};

/// The event, on the envelope given: workspace, time, actor, recorded_by and the like are the
/// caller's; type, stream, platform, conversation and payload are set here. Rejections name their
/// field: invalid_id (limit 200), unknown_direction, unknown_review_status.
[[nodiscard]] Decision<NewEvent> message_recorded(const MessageRecord& record, NewEvent envelope);

/// As above. Rejections: invalid_id (limit 200), unknown_status, created_ahead (createdAt more than
/// 5 minutes past `now_us`; limit in seconds), ends_before_start (endsAt).
[[nodiscard]] Decision<NewEvent> appointment_recorded(const AppointmentRecord& record,
                                                      NewEvent envelope, std::int64_t now_us);

}  // namespace decklog::domain
