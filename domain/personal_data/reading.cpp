#include "domain/personal_data/reading.hpp"

#include "domain/check.hpp"
#include "domain/fact.hpp"
#include "domain/payload.hpp"

namespace decklog::domain {

Intent read_personal_data(const ReadPersonalData& command) {
    DECKLOG_CHECK(!command.by.empty() && !command.actor.id.empty());
    NewEvent event;
    event.type = EventType::personal_data_read;
    event.stream = "personal-data/reads";
    event.occurred_at_us = command.now_us;
    event.actor = command.actor;
    event.recorded_by = command.by;
    event.platform = "decklog";
    event.trace_id = command.trace_id;
    fb::PersonalDataReadT payload;
    payload.by = command.by;
    payload.filter = command.filter;
    payload.count = command.count;
    event.payload = encode_payload(payload);
    return fact("read_personal_data", std::move(event));
}

}  // namespace decklog::domain
