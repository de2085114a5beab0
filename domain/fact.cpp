#include "domain/fact.hpp"

namespace decklog::domain {

static_assert(Decider<Fact>);

Decision<Events> Fact::decide(const Command& command, const State&) {
    const NewEvent& event = command.event;
    if (event.payload.size() + event.sealed.size() > limits::kEventBytesMax) {
        return reject("event_too_large",
                      "one event may hold at most 512 KiB; send less in one item", "event",
                      static_cast<std::int64_t>(limits::kEventBytesMax));
    }
    if (event.stream.empty() || event.stream.size() > limits::kStreamNameBytesMax) {
        return reject("stream_name", "a stream name has 1 to 256 bytes", "stream",
                      static_cast<std::int64_t>(limits::kStreamNameBytesMax));
    }
    return Events{event};
}

}  // namespace decklog::domain
