#include "api/event_json.hpp"

#include "api/payload_json.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

using domain::EventView;

void write_place(JsonWriter& json, const EventView& event, const domain::LedgerId& ledger) {
    json.field("position", domain::to_cursor(ledger, event.position()));
    json.field("eventId", domain::to_text(event.event_id()));
    json.field("type", event.type_name());
    json.field_if_any("action", event.action());
    json.key("schemaVersion").number(event.schema_version());
    json.field("workspace", event.workspace());
    json.field("stream", event.stream());
    json.key("streamVersion").number(event.stream_version());
    json.field("recordedAt", domain::to_rfc3339(event.recorded_at_us()));
    json.field("occurredAt", domain::to_rfc3339(event.occurred_at_us()));
}

void write_origin(JsonWriter& json, const EventView& event) {
    json.key("actor").begin_object();
    json.field("type", event.actor_type()).field("id", event.actor_id()).end_object();
    json.field("recordedBy", event.recorded_by());
    json.field("platform", event.platform());
    json.field("account", event.account());
    json.field("conversation", event.conversation());
    json.field_if_any("cohort", domain::to_text(event.cohort()));
    json.field_if_any("release", event.release());
    json.field_if_any("unit", event.given_unit());
}

void write_causes(JsonWriter& json, const EventView& event) {
    json.field("correlationId", event.correlation_id());
    if (const auto cause = event.causation_id()) json.field("causationId", domain::to_text(*cause));
    if (!event.trace_id().is_zero()) json.field("traceId", domain::to_text(event.trace_id()));
    if (const auto subject = event.subject()) json.field("subject", domain::to_text(*subject));
}

}  // namespace

void write_event(JsonWriter& json, const EventView& event, const domain::LedgerId& ledger,
                 const Opener& opener) {
    const SealedPart part = opener.open(event);
    json.begin_object();
    write_place(json, event, ledger);
    write_origin(json, event);
    write_causes(json, event);
    json.key("payload");
    write_payload(json, event, part);
    if (part.state != SealedPart::State::none) {
        json.key("personal");
        write_personal(json, part);
    }
    json.end_object();
}

std::string event_json(const EventView& event, const domain::LedgerId& ledger,
                       const Opener& opener) {
    JsonWriter json;
    write_event(json, event, ledger, opener);
    return json.take();
}

}  // namespace decklog::api
