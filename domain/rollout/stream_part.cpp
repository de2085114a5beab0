#include "domain/rollout/stream_part.hpp"

#include <algorithm>

namespace decklog::domain {

StreamPart part_of(const EventView& event, const gate::StreamPolicy& stream) {
    if (!stream.platform.empty() && stream.platform != event.platform()) return StreamPart::none;
    if (event.action() == stream.action) return StreamPart::error;
    const bool attempts = std::find(stream.attempts.begin(), stream.attempts.end(),
                                    event.action()) != stream.attempts.end();
    return attempts ? StreamPart::attempt : StreamPart::none;
}

std::string_view unit_of(const EventView& event, gate::UnitOf counted) {
    std::string_view named;
    if (counted == gate::UnitOf::unit) named = event.unit();
    if (counted == gate::UnitOf::conversation) named = event.conversation();
    return named.empty() ? event.stream() : named;
}

}  // namespace decklog::domain
