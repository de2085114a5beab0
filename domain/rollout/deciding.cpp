#include "domain/rollout/deciding.hpp"

#include "domain/limits.hpp"

namespace decklog::domain {

NewEvent event_of(EventType type, const RolloutOrder& order, Bytes payload) {
    NewEvent event;
    event.type = type;
    event.workspace = order.workspace;
    event.stream = rollout_stream(order.id);
    event.occurred_at_us = order.now_us;
    event.actor = order.actor;
    event.recorded_by = order.recorded_by;
    event.platform = "decklog";
    event.trace_id = order.trace_id;
    event.causation_id = order.causation_id;
    event.correlation_id = order.correlation_id;
    event.payload = std::move(payload);
    return event;
}

tl::unexpected<Rejection> not_a_name(const char* field) {
    return reject("invalid_name",
                  "a name begins with a letter or digit, then up to 127 more of these and ._:-",
                  field, static_cast<std::int64_t>(limits::kNameBytesMax));
}

}  // namespace decklog::domain
