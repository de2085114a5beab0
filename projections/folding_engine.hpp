// The engine behind engine.hpp. One thread folds: a turn takes, for every place where a view
// stands, one batch from there (the window if it has it, else the log), so a view that is far
// behind catches up while the others stay live. A rebuild folds on its caller's thread up to where
// the live build stood, compares, and then stands in line as a candidate: the folding thread brings
// it to the live position and flips between two batches.
//
// Locks: `rebuild_mutex_` (one rebuild at a time; families are created and dropped under it), then
// `mutex_` (all that is shared; never held while folding, reading or calling back).
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "projections/engine.hpp"
#include "projections/instance.hpp"
#include "projections/live_window.hpp"
#include "projections/waiters.hpp"

namespace decklog::projections {

class FoldingEngine final : public Engine {
  public:
    FoldingEngine(ViewsDatabase database, store::Ledger& ledger, EngineOptions options);
    ~FoldingEngine() override;

    /// Continues or begins every view, drops what is left over. Before `start`.
    domain::Result<void> attach();
    void start();

    [[nodiscard]] domain::Result<ViewSnapshot> snapshot(std::string_view view) const override;
    [[nodiscard]] std::vector<ViewStatus> status() const override;
    void when_reflected(domain::Position position, std::chrono::milliseconds timeout,
                        std::function<void(bool)> done) override;
    domain::Result<void> rebuild(
        std::string_view view,
        const std::function<void(std::uint64_t, std::uint64_t)>& progress) override;
    [[nodiscard]] std::int64_t last_turn_boot_us() const override {
        return last_turn_boot_us_.load();
    }
    void stop() override;

  private:
    struct Slot {
        const View* view = nullptr;
        InstancePtr live;
        InstancePtr candidate;  // of a rebuild, on its way to the live position
        bool rebuilding = false;
    };
    using Groups = std::map<std::uint64_t, std::vector<InstancePtr>>;

    // attach
    domain::Result<void> attach_view(const View& view);
    [[nodiscard]] std::string why_not_continue(const View& view, const std::string& name,
                                               const InstanceRecord& record) const;
    [[nodiscard]] domain::Result<InstancePtr> begin_build(const View& view);

    // folding thread
    void run();
    bool turn();
    [[nodiscard]] Groups running_before(std::uint64_t end) const;
    /// True when anything was folded.
    bool catch_up(std::uint64_t from, const std::vector<InstancePtr>& instances, std::uint64_t end,
                  const store::Head& head);
    bool fold_batch(std::uint64_t from, const std::vector<InstancePtr>& instances,
                    std::uint64_t end, const store::Head& head);
    [[nodiscard]] domain::Result<Batch> batch_at(std::uint64_t ordinal, std::uint64_t end) const;
    void flip_candidates();
    void forget_folded();
    void answer_waiters();
    void wait(std::chrono::steady_clock::time_point turn_began, bool progressed);

    // rebuild
    domain::Result<void> build_beside(
        InstancePtr live, const std::function<void(std::uint64_t, std::uint64_t)>& progress);
    domain::Result<void> fold_to(Instance& instance, const InstanceRecord& target,
                                 const std::function<void(std::uint64_t, std::uint64_t)>& progress);
    domain::Result<void> hand_over(const InstancePtr& candidate);

    [[nodiscard]] Slot* find_slot(std::string_view view);
    [[nodiscard]] std::uint64_t reflected() const;  // under mutex_

    ViewsDatabase database_;
    store::Ledger& ledger_;
    const EngineOptions options_;
    const ReadHealthPtr health_ = std::make_shared<ReadHealth>();
    std::atomic<std::int64_t> last_turn_boot_us_{0};

    std::mutex stop_mutex_;  // callers of `stop`
    std::mutex rebuild_mutex_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable flipped_;
    std::vector<Slot> slots_;
    LiveWindow window_;
    Waiters waiters_;
    bool woken_ = false;
    bool stopping_ = false;

    std::unique_ptr<store::Subscription> subscription_;
    std::jthread thread_;
};

}  // namespace decklog::projections
