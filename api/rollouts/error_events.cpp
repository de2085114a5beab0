#include "api/rollouts/error_events.hpp"

#include "api/rollouts/rollout_state.hpp"
#include "store/frame/frame.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;

}  // namespace

void find_error_events(const store::LogReader& log, const domain::Rollout::State& state,
                       domain::gate::Report& report) {
    for (domain::gate::StreamReport& stream : report.streams) {
        if (stream.canary.errors == 0) continue;
        store::EventFilter filter;
        filter.actions = {stream.stream.action};
        if (!stream.stream.platform.empty()) filter.platforms = {stream.stream.platform};
        filter.cohorts = {report.stage == domain::gate::Stage::full ? "full" : "canary"};
        filter.releases = {state.release, std::string()};
        filter.from = domain::Position{kPartition, state.watch_began_ordinal};
        filter.to = domain::Position{kPartition, state.last_ordinal};
        filter.workspace = kRolloutWorkspace;
        const auto found =
            store::find_events(log, filter, store::Order::descending, kErrorEventsMax);
        if (!found) continue;
        for (const auto& [frame, index] : found->events)
            stream.error_ordinals.push_back(frame->first().ordinal + index);
    }
}

}  // namespace decklog::api
