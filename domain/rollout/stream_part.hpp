// What an audited action is to a stream of a policy. Live counts, replays and the walk back to a
// frozen baseline all ask here, so they count the same. Pure, any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "domain/event.hpp"
#include "domain/gate/policy.hpp"

namespace decklog::domain {

/// An attempt, an error (which is an attempt too), or neither of this stream.
enum class StreamPart : std::uint8_t { none, attempt, error };
[[nodiscard]] StreamPart part_of(const EventView& event, const gate::StreamPolicy& stream);

/// What the stream counts once: the unit or conversation of the envelope, else the event's stream.
/// Lives as long as the event's bytes.
[[nodiscard]] std::string_view unit_of(const EventView& event, gate::UnitOf counted);

}  // namespace decklog::domain
