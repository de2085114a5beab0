#include "api/queries/snapshots.hpp"

#include "api/answers.hpp"
#include "api/queries/limits.hpp"
#include "projections/batch.hpp"

namespace decklog::api {

void write_parked_key(JsonWriter& json, const Core& core, const projections::Parked& parked) {
    json.begin_object()
        .field("key", parked.key)
        .field("reason", parked.reason)
        .field("position", cursor_of(core, {projections::kPartition, parked.ordinal}))
        .key("events")
        .number(parked.events)
        .end_object();
}

void write_parked(JsonWriter& json, const Core& core,
                  const std::vector<projections::Parked>& parked) {
    if (parked.empty()) return;
    json.key("parked").begin_array();
    for (std::size_t i = 0; i < parked.size() && i < limits::kParkedShown; ++i)
        write_parked_key(json, core, parked[i]);
    json.end_array().key("parkedKeys").number(parked.size());
}

void write_reflected(JsonWriter& json, const Core& core,
                     const projections::ViewSnapshot& snapshot) {
    write_parked(json, core, snapshot.parked);
    write_as_of(json, core, snapshot.next_ordinal);
}

}  // namespace decklog::api
