// A platform account as answers show it: the facts' own field names, credentials as references.
// Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/json_writer.hpp"
#include "projections/platforms/platforms_query.hpp"

namespace decklog::api {

void write_account(JsonWriter& json, const projections::AccountInfo& account,
                   std::string_view default_send_mode);

/// `health`: `inactive`, `degraded` when there were errors in the window, else `healthy`.
void write_health(JsonWriter& json, const projections::AccountHealth& health,
                  std::string_view default_send_mode);

}  // namespace decklog::api
