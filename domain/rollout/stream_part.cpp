#include "domain/rollout/stream_part.hpp"

namespace decklog::domain {

StreamParts::StreamParts(const gate::Policy& policy) {
    for (std::size_t i = 0; i < policy.streams.size(); ++i) {
        const gate::StreamPolicy& stream = policy.streams[i];
        by_action_[stream.action].push_back({i, StreamPart::error, stream.platform});
        for (const std::string& attempt : stream.attempts) {
            std::vector<Entry>& entries = by_action_[attempt];
            const bool is_known = !entries.empty() && entries.back().stream == i;
            if (!is_known) entries.push_back({i, StreamPart::attempt, stream.platform});
        }
    }
}

const std::vector<StreamParts::Entry>& StreamParts::of_action(std::string_view action) const {
    const auto found = by_action_.find(action);
    return found == by_action_.end() ? none_ : found->second;
}

std::string_view unit_of(const EventView& event, gate::UnitOf counted) {
    std::string_view named;
    if (counted == gate::UnitOf::unit) named = event.unit();
    if (counted == gate::UnitOf::conversation) named = event.conversation();
    return named.empty() ? event.stream() : named;
}

}  // namespace decklog::domain
