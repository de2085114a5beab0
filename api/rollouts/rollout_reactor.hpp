// What moves rollouts on: walks the log back to the frozen baselines of a new watch, reaches the
// verdict of every sealed check once the view has counted it, rolls back at once when a gate turns
// red (a worker of the release that reports another runtime than the configured one is such a
// gate) or a required platform goes missing, and seals by itself when a check is due. A crash
// leaves nothing undone: whatever has no verdict yet gets it at the next turn. In a cluster the
// partition's owner does this. One thread of its own.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "api/app.hpp"
#include "domain/rollout/rollout.hpp"
#include "projections/rollouts/rollouts_rows.hpp"

namespace decklog::api {

class RolloutReactor {
  public:
    /// Begins at once. `core` outlives it.
    explicit RolloutReactor(const Core& core);
    ~RolloutReactor();
    RolloutReactor(const RolloutReactor&) = delete;
    RolloutReactor& operator=(const RolloutReactor&) = delete;

  private:
    void run();
    /// False: a view has not folded what is new yet.
    [[nodiscard]] bool turn(std::uint64_t news_before);
    [[nodiscard]] bool move_on(const projections::ViewSnapshot& view,
                               const projections::rollout::OpenRow& row,
                               std::uint64_t durable_before);
    [[nodiscard]] bool judge(const projections::ViewSnapshot& view, const std::string& id,
                             const domain::Rollout::State& state);
    void freeze_baseline(const std::string& id, const domain::Rollout::State& state);
    void judge_gates(const std::string& id, const domain::Rollout::State& state,
                     std::uint64_t durable_before);
    void note_mock_runtimes(const std::string& id, const domain::Rollout::State& state);
    void seal_if_due(const projections::rollout::OpenRow& row, const domain::Rollout::State& state);
    void submit(domain::Rollout::Command command, const std::string& cause,
                std::string_view purpose);

    const Core& core_;
    std::unique_ptr<store::Subscription> subscription_;
    std::uint64_t durable_before_ = 0;  // ordinal behind the log at the last turn
    std::mutex mutex_;
    std::condition_variable wakes_;
    std::uint64_t news_before_ = 0;  // ordinal behind the newest rollout event; guarded by mutex_
    bool has_news_ = true;           // guarded by mutex_
    bool stopping_ = false;          // guarded by mutex_
    std::thread thread_;
};

}  // namespace decklog::api
