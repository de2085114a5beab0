// One step of any view, live, rebuilt or replayed: which events it may fold, and folding them.
// Because all three go through here, they cannot end with different rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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

/// Applies one event. The key that it parks, or misses once more, goes to `changed`: what the
/// caller keeps beside `parked`, once it has kept the rows.
void apply_event(Fold& fold, const domain::EventView& event, const ParkedKeys& parked,
                 ParkedKeys& changed);
/// Takes over what `apply_event` changed.
void keep(ParkedKeys& parked, ParkedKeys changed);

}  // namespace decklog::projections
