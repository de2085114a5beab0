// The clear payload of an event as JSON, for every event type, by the names of its FlatBuffers
// table in camelCase: a field added to events.fbs shows without a line here. Times (`…_at`) are RFC
// 3339 and absent when unset; text is absent when empty; tables within are objects; byte vectors (a
// token's hash) are never shown. Audit actions and external events put the free-form text that came
// with them where it came from. Pure, any thread.
#pragma once

#include "api/json_writer.hpp"
#include "api/sealed_part.hpp"
#include "domain/event.hpp"

namespace decklog::api {

/// Writes one object.
void write_payload(JsonWriter& json, const domain::EventView& event, const SealedPart& part);

/// An audit action's details as one JSON value: the text that came, null when none came, else the
/// placeholder.
void write_details(JsonWriter& json, const fb::AuditActionRecorded& action, const SealedPart& part);

/// An audit action's own id as it came (a number stays a number), else the event id.
void write_action_id(JsonWriter& json, const fb::AuditActionRecorded* action,
                     const domain::EventView& event);

}  // namespace decklog::api
