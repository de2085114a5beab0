// One step of any view, live, rebuilt or replayed: which events it may fold, and folding them.
// Because all three go through here, they cannot end with different rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "projections/rows.hpp"
#include "projections/view.hpp"

namespace decklog::projections {

/// Why a view stops before this event: an unknown type or a newer schema version of one of its
/// families. Empty: go on.
[[nodiscard]] std::string misunderstood(const View& view, const domain::EventView& event);

/// Where and why a key was parked first, and how many of its events are missing since.
struct ParkedAt {
    std::uint64_t ordinal = 0;
    std::string reason;
    std::uint64_t events = 1;
    bool operator==(const ParkedAt&) const = default;
};
using ParkedKeys = std::map<std::string, ParkedAt, std::less<>>;
[[nodiscard]] std::vector<Parked> list_of(const ParkedKeys& keys);

/// Folds the events into `rows`. `before` is the state before them
/// and must not change while they are folded (RowChanges, a write batch). Returns the keys that are
/// parked now and were not in `parked`, or miss more events than there: what the caller keeps, once
/// it has kept the rows.
[[nodiscard]] ParkedKeys fold_events(const View& view, const RowReader& before,
                                     std::span<const domain::EventView> events, RowWriter& rows,
                                     const ParkedKeys& parked);
/// Takes over what `fold_events` returned.
void keep(ParkedKeys& parked, ParkedKeys changed);

}  // namespace decklog::projections
