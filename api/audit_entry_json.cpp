#include "api/audit_entry_json.hpp"

#include <algorithm>

#include "api/payload_json.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

std::string_view view(const flatbuffers::String* text) {
    return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
}

void write_actor(JsonWriter& json, const domain::EventView& event, bool id_is_null) {
    json.field("actorType", event.actor_type().empty() ? "unknown" : event.actor_type())
        .key("actorId");
    if (id_is_null) {
        json.null();
    } else {
        json.text(event.actor_id());
    }
}

/// An action that a service sent.
void write_sent(JsonWriter& json, const domain::EventView& event,
                const fb::AuditActionRecorded& action, const SealedPart& part) {
    json.key("id");
    write_action_id(json, &action, event);
    write_actor(json, event, action.actor_id_is_null());
    json.field("entityType", view(action.entity_type()))
        .field("entityId", view(action.entity_id()));
    json.field("action", event.action()).key("details");
    write_details(json, action, part);
}

/// An action of decklog's own: its entity is its stream, its details are its payload.
void write_own(JsonWriter& json, const domain::EventView& event, const SealedPart& part) {
    const std::string_view stream = event.stream();
    const auto slash = std::min(stream.find('/'), stream.size());
    json.field("id", domain::to_text(event.event_id()));
    write_actor(json, event, event.actor_id().empty());
    json.field("entityType", stream.substr(0, slash));
    json.field("entityId", slash < stream.size() ? stream.substr(slash + 1) : std::string_view{});
    json.field("action", event.action()).key("details");
    write_payload(json, event, part);
}

}  // namespace

void write_audit_entry(JsonWriter& json, const domain::EventView& event, const Opener& opener) {
    const SealedPart part = opener.open(event);
    const auto* sent = event.is(domain::EventType::audit_action_recorded)
                           ? event.payload_as<fb::AuditActionRecorded>()
                           : nullptr;
    json.begin_object();
    if (sent != nullptr) {
        write_sent(json, event, *sent, part);
    } else {
        write_own(json, event, part);
    }
    json.field("createdAt", domain::to_rfc3339(event.occurred_at_us())).end_object();
}

}  // namespace decklog::api
