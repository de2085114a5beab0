// A view as a query reads it, and what an answer says of its state: the position it reflects and
// the keys that are parked, since totals without them are not the truth. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "projections/engines.hpp"

namespace decklog::api {

struct ParkedKey {
    std::uint32_t partition = 0;
    projections::Parked parked;
};
/// Of all partitions, one after the other.
[[nodiscard]] std::vector<ParkedKey> parked_in(const projections::ViewSnapshots& snapshots);

/// `{key, reason, position, events}`: what is incomplete, why, since where, and by how many events.
void write_parked_key(JsonWriter& json, const Core& core, std::uint32_t partition,
                      const projections::Parked& parked);

/// `"parked": [...]` with the first of them and `"parkedKeys": how many`, only when there are some.
void write_parked(JsonWriter& json, const Core& core, std::span<const ParkedKey> parked);

/// What a view reflects of every partition, by partition.
[[nodiscard]] std::vector<std::uint64_t> reflected_in(const projections::ViewSnapshots& snapshots);

/// Parked keys and `asOf` of a view: the end of every answer from it.
void write_reflected(JsonWriter& json, const Core& core,
                     const projections::ViewSnapshots& snapshots);
/// The same of partition 0 alone.
void write_reflected(JsonWriter& json, const Core& core, const projections::ViewSnapshot& snapshot);

}  // namespace decklog::api
