// A view as a query reads it, and what an answer says of its state: the position it reflects and
// the keys that are parked, since totals without them are not the truth. Any thread.
#pragma once

#include <string_view>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "projections/engine.hpp"

namespace decklog::api {

/// `{key, reason, position, events}`: what is incomplete, why, since where, and by how many events.
void write_parked_key(JsonWriter& json, const Core& core, const projections::Parked& parked);

/// `"parked": [...]` with the first of them and `"parkedKeys": how many`, only when there are some.
void write_parked(JsonWriter& json, const Core& core,
                  const std::vector<projections::Parked>& parked);

/// Parked keys and `asOf` of a snapshot: the end of every answer from a view.
void write_reflected(JsonWriter& json, const Core& core, const projections::ViewSnapshot& snapshot);

}  // namespace decklog::api
