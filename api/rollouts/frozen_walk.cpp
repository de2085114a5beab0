#include "api/rollouts/frozen_walk.hpp"

#include <sodium.h>

#include <algorithm>
#include <set>
#include <unordered_set>

#include "api/rollouts/rollout_state.hpp"
#include "domain/registry.hpp"
#include "domain/rollout/stream_part.hpp"
#include "store/frame/frame.hpp"
#include "store/query/index_merge.hpp"
#include "store/query/log_walk.hpp"

namespace decklog::api {
namespace {

using domain::EventView;
using domain::Rollout;
using domain::gate::BaselineKind;

constexpr std::uint32_t kPartition = 0;
constexpr std::uint64_t kAskEvery = 4'096;

/// 64 bits stand for a unit: two of a million are taken for one with odds of 1 in 37 million.
std::uint64_t hash_of(std::string_view unit) {
    std::uint64_t hash = 0;
    ::crypto_generichash(reinterpret_cast<unsigned char*>(&hash), sizeof hash,
                         reinterpret_cast<const unsigned char*>(unit.data()), unit.size(), nullptr,
                         0);
    return hash;
}

/// Did the event happen to what the stream is held against?
bool is_of_baseline(const EventView& event, const Rollout::State& state, BaselineKind kind) {
    const std::string_view release = event.release();
    if (kind == BaselineKind::previous) {
        return event.cohort() == domain::Cohort::full &&
               (release.empty() || release == state.baseline_release);
    }
    return event.cohort() == domain::Cohort::shadow &&
           (release.empty() || release == state.baseline_release || release == state.release);
}

class StreamWalk {
  public:
    StreamWalk(const domain::gate::StreamPolicy& policy, bool is_wanted)
        : policy_(policy), is_over_(!is_wanted) {}

    [[nodiscard]] bool is_over() const { return is_over_; }
    void take(const EventView& event, domain::StreamPart part, const Rollout::State& state) {
        if (is_over_ || !is_of_baseline(event, state, policy_.baseline)) return;
        const std::uint64_t unit = hash_of(domain::unit_of(event, policy_.unit));
        units_.insert(unit);
        if (part != domain::StreamPart::error) return;
        errors_.insert(unit);
        if (errors_.size() < policy_.baseline_errors) return;
        is_over_ = true;
        found_ = {units_.size(), errors_.size(), event.position().ordinal};
        units_.clear();
    }
    [[nodiscard]] const domain::FreezeBaseline::Stream& found() const { return found_; }

  private:
    const domain::gate::StreamPolicy& policy_;
    bool is_over_;
    std::unordered_set<std::uint64_t> units_, errors_;
    domain::FreezeBaseline::Stream found_;
};

std::vector<store::IndexKey> keys_of(const std::vector<domain::gate::StreamPolicy>& streams,
                                     const std::vector<StreamWalk>& walks) {
    std::set<std::string> actions;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (walks[i].is_over()) continue;
        actions.insert(streams[i].action);
        actions.insert(streams[i].attempts.begin(), streams[i].attempts.end());
    }
    std::vector<store::IndexKey> keys;
    for (const std::string& action : actions) {
        store::IndexKey key;
        key.kind = store::IndexKey::Kind::action;
        key.text = action;
        keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace

domain::Result<std::vector<domain::FreezeBaseline::Stream>> walk_back(
    const store::LogReader& log, const Rollout::State& state, const std::function<bool()>& go_on) {
    std::vector<StreamWalk> walks;
    for (const auto& stream : state.policy.streams)
        walks.emplace_back(stream, domain::gate::is_held_against_frozen(stream, state.watch.stage));
    const domain::StreamParts parts(state.policy);
    const auto is_over = [&walks] {
        return std::all_of(walks.begin(), walks.end(), [](const auto& w) { return w.is_over(); });
    };
    store::IndexMerge found(log, kPartition, keys_of(state.policy.streams, walks),
                            store::Order::descending,
                            domain::Position{kPartition, state.watch_began_ordinal});
    store::FrameFinder frames(log);
    const auto take = [&](const store::FramePtr& frame, std::uint32_t index) {
        const EventView event = frame->event(index);
        if (!event.is(domain::EventType::audit_action_recorded)) return true;
        if (event.workspace() != kRolloutWorkspace) return true;
        for (const auto& entry : parts.of_action(event.action()))
            if (entry.takes(event.platform())) walks[entry.stream].take(event, entry.part, state);
        return true;
    };
    for (std::uint64_t seen = 0; seen < kFrozenEventsMax && !is_over(); ++seen) {
        if (seen % kAskEvery == 0 && !go_on())
            return domain::fail(domain::ErrorCode::stopped, "ended", true);
        const auto at = found.next();
        if (!at) return tl::unexpected(at.error());
        if (!*at) break;
        if (const auto visited = frames.visit_at(**at, take); !visited)
            return tl::unexpected(visited.error());
    }
    std::vector<domain::FreezeBaseline::Stream> streams;
    streams.reserve(walks.size());
    for (const StreamWalk& walk : walks) streams.push_back(walk.found());
    return streams;
}

}  // namespace decklog::api
