#include "domain/fact.hpp"

namespace decklog::domain {

static_assert(Decider<Fact>);

Decision<void> Fact::check(const NewEvent& event) {
    if (event.payload.size() + event.sealed.size() > limits::kEventBytesMax) {
        return reject("event_too_large",
                      "one event may hold at most 512 KiB; send less in one item", "event",
                      static_cast<std::int64_t>(limits::kEventBytesMax));
    }
    if (event.stream.empty() || event.stream.size() > limits::kStreamNameBytesMax) {
        return reject("stream_name", "a stream name has 1 to 256 bytes", "stream",
                      static_cast<std::int64_t>(limits::kStreamNameBytesMax));
    }
    return {};
}

Decision<Events> Fact::decide(const Command& command, const State&) {
    if (auto checked = check(command.event); !checked) return tl::unexpected(checked.error());
    return Events{command.event};
}

}  // namespace decklog::domain
