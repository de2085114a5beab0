#include "api/queries/snapshots.hpp"

#include "api/answers.hpp"

namespace decklog::api {

void write_parked(JsonWriter& json, const std::vector<projections::Parked>& parked) {
    if (parked.empty()) return;
    json.key("parked").begin_array();
    for (const auto& one : parked)
        json.begin_object().field("key", one.key).field("reason", one.reason).end_object();
    json.end_array();
}

void write_reflected(JsonWriter& json, const Core& core,
                     const projections::ViewSnapshot& snapshot) {
    write_parked(json, snapshot.parked);
    write_as_of(json, core, snapshot.next_ordinal);
}

}  // namespace decklog::api
