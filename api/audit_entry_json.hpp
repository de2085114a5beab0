// One line of recentAudit and recentErrors, as the operations tools know it: `{id, actorType,
// actorId, entityType, entityId, action, details, createdAt}`. What a service sent comes back as it
// came: a number stays a number, null stays null, details keep their order and number format. Any
// thread.
#pragma once

#include "api/json_writer.hpp"
#include "api/sealed_part.hpp"
#include "domain/event.hpp"

namespace decklog::api {

void write_audit_entry(JsonWriter& json, const domain::EventView& event, const Opener& opener);

}  // namespace decklog::api
