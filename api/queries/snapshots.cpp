#include "api/queries/snapshots.hpp"

#include "api/answers.hpp"
#include "api/queries/limits.hpp"

namespace decklog::api {

std::vector<ParkedKey> parked_in(const projections::ViewSnapshots& snapshots) {
    std::vector<ParkedKey> keys;
    for (const projections::ViewSnapshot& snapshot : snapshots) {
        for (const projections::Parked& parked : snapshot.parked)
            keys.push_back({snapshot.partition, parked});
    }
    return keys;
}

void write_parked_key(JsonWriter& json, const Core& core, std::uint32_t partition,
                      const projections::Parked& parked) {
    json.begin_object()
        .field("key", parked.key)
        .field("reason", parked.reason)
        .field("position", cursor_of(core, domain::Position{partition, parked.ordinal}))
        .key("events")
        .number(parked.events)
        .end_object();
}

void write_parked(JsonWriter& json, const Core& core, std::span<const ParkedKey> parked) {
    if (parked.empty()) return;
    json.key("parked").begin_array();
    for (std::size_t i = 0; i < parked.size() && i < limits::kParkedShown; ++i)
        write_parked_key(json, core, parked[i].partition, parked[i].parked);
    json.end_array().key("parkedKeys").number(parked.size());
}

std::vector<std::uint64_t> reflected_in(const projections::ViewSnapshots& snapshots) {
    std::vector<std::uint64_t> next;
    for (const projections::ViewSnapshot& snapshot : snapshots)
        next.push_back(snapshot.next_ordinal);
    return next;
}

void write_reflected(JsonWriter& json, const Core& core,
                     const projections::ViewSnapshots& snapshots) {
    write_parked(json, core, parked_in(snapshots));
    write_as_of(json, core, reflected_in(snapshots));
}

void write_reflected(JsonWriter& json, const Core& core,
                     const projections::ViewSnapshot& snapshot) {
    write_reflected(json, core, projections::ViewSnapshots{snapshot});
}

}  // namespace decklog::api
