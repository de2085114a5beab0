// The engine behind engine.hpp. One thread folds: a turn takes, for every place where a view
// stands, one batch from there (the window if it has it, else the log), so a view that is far
// behind catches up while the others stay live. A rebuild folds on its caller's thread up to where
// the live build stood, compares, and then stands in line as a candidate: the folding thread brings
// it to the live position and flips between two batches. The build that was live is kept, frozen,
// for a day; to flip back it catches up and stands in line in the same way.
//
// Nothing ends for good by a fault of the storage: a batch that could not be read or written is
// tried again; when the files do not write any more or a read failed, the folding thread lets go of
// them, waits until nobody reads, and opens them again. What is damaged is dropped and folded anew.
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

#include "projections/backoff.hpp"
#include "projections/engine.hpp"
#include "projections/instance.hpp"
#include "projections/live_window.hpp"
#include "projections/waiters.hpp"

namespace decklog::projections {

class FoldingEngine final : public Engine {
  public:
    FoldingEngine(std::filesystem::path views_dir, store::Ledger& ledger, EngineOptions options);
    ~FoldingEngine() override;

    /// Opens the files; continues or begins every view, drops what is left over. Before `start`.
    domain::Result<void> open();
    void start();

    [[nodiscard]] domain::Result<ViewSnapshot> snapshot(std::string_view view) const override;
    [[nodiscard]] const View* logic(std::string_view view) const override;
    [[nodiscard]] std::vector<ViewStatus> status() const override;
    [[nodiscard]] std::uint64_t read_failures() const override;
    void when_reflected(std::string_view view, domain::Position position,
                        std::chrono::milliseconds timeout, std::function<void(bool)> done) override;
    [[nodiscard]] domain::Result<Rebuilt> rebuild(std::string_view view, Takeover takeover,
                                                  const Progress& progress) override;
    [[nodiscard]] std::int64_t last_turn_boot_us() const override {
        return last_turn_boot_us_.load();
    }
    void stop() override;

  private:
    using DatabasePtr = std::shared_ptr<ViewsDatabase>;

    /// The build that was live before, and when its day is over.
    struct Kept {
        std::string instance;
        std::int64_t until_us = 0;       // by the wall clock, to show
        std::int64_t until_boot_us = 0;  // by the clock that does not step
    };
    struct Slot {
        std::string name;
        std::vector<const View*> versions;
        const View* logic = nullptr;  // of the live build
        InstancePtr live;             // null while views/ is opened again
        InstancePtr candidate;        // of a rebuild, on its way to the live position
        bool give_up_candidate = false;
        std::optional<Kept> kept;
        bool rebuilding = false;
        bool folding_anew = false;
        std::string last_instance;  // while there is no live one: what was
        Standing last_standing;
    };
    /// What a rebuild works with; lives on its caller's stack.
    struct Building {
        Slot& slot;
        DatabasePtr database;
        ReadHealthPtr health;
        InstancePtr live;
        Progress go_on;
    };
    using Groups = std::map<std::uint64_t, std::vector<InstancePtr>>;

    // attach.cpp: how views begin
    domain::Result<void> attach();
    domain::Result<void> attach_view(Slot& slot);
    domain::Result<InstancePtr> begin_anew(Slot& slot, const View& logic,
                                           const std::string& old_name, const std::string& why);
    domain::Result<void> attach_kept(Slot& slot, bool continued);
    domain::Result<void> drop_leftovers();
    [[nodiscard]] std::string why_not_continue(const View& view, const ViewsDatabase& database,
                                               const std::string& name,
                                               const InstanceRecord& record) const;

    // storage.cpp: opening the files again; folding thread
    domain::Result<void> open_files();
    [[nodiscard]] bool mend_storage();
    void close_files(const std::string& why, bool damaged);
    void reopen_files();

    // folding thread
    void run();
    bool turn();
    [[nodiscard]] Groups running_before(std::uint64_t end) const;
    /// True when anything was folded.
    bool catch_up(std::uint64_t from, const std::vector<InstancePtr>& instances, std::uint64_t end,
                  const store::Head& head);
    bool fold_batch(std::uint64_t from, const std::vector<InstancePtr>& instances,
                    std::uint64_t end, const store::Head& head);
    [[nodiscard]] bool is_far(std::uint64_t from, std::uint64_t end) const;
    bool fold_far(std::uint64_t from, const std::vector<InstancePtr>& instances, std::uint64_t end,
                  const store::Head& head);
    static void log_is_unreadable(domain::Position from, const std::vector<InstancePtr>& instances,
                                  const domain::Error& error);
    static bool tell_how_it_went(std::uint64_t from, const std::vector<InstancePtr>& instances);
    [[nodiscard]] domain::Result<Batch> batch_at(std::uint64_t ordinal, std::uint64_t end) const;
    void note_caught_up(std::uint64_t end);  // under mutex_
    void forget_folded();                    // under mutex_
    void answer_waiters();
    void wait(std::chrono::steady_clock::time_point turn_began, bool progressed);
    [[nodiscard]] std::chrono::steady_clock::time_point next_try() const;  // under mutex_

    // flip.cpp: from a candidate to the live build
    void flip_candidates();
    [[nodiscard]] bool flip(Slot& slot, const InstancePtr& candidate);
    void drop_kept_in_time();
    domain::Result<void> hand_over(Building& building, const InstancePtr& candidate);

    // rebuild.cpp
    domain::Result<Rebuilt> build_beside(Building& building, Takeover takeover);
    domain::Result<Rebuilt> compare(Building& building, const Instance& candidate,
                                    const InstanceRecord& record, const SnapshotPtr& then,
                                    Takeover takeover, bool& may_flip);
    domain::Result<Rebuilt> flip_back(Building& building);
    domain::Result<InstancePtr> resume_kept(Building& building, const std::string& name);
    void drop_unless_stopping(Building& building, const std::string& instance);
    [[nodiscard]] BatchLimits batch_limits() const {
        return {options_.batch_events_max, limits::kBatchBytesMax};
    }

    [[nodiscard]] Slot* find_slot(std::string_view view);
    [[nodiscard]] const Slot* find_slot(std::string_view view) const;
    [[nodiscard]] std::uint64_t reflected(std::string_view view) const;  // under mutex_

    const std::filesystem::path views_dir_;
    store::Ledger& ledger_;
    const EngineOptions options_;
    std::atomic<std::int64_t> last_turn_boot_us_{0};

    std::mutex stop_mutex_;  // callers of `stop`
    std::timed_mutex rebuild_mutex_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable flipped_;
    // Changed by the folding thread under the lock (and before it starts); read there without it.
    DatabasePtr database_;
    ReadHealthPtr health_ = std::make_shared<ReadHealth>();
    std::uint64_t openings_ = 0;
    std::vector<Slot> slots_;
    std::string storage_trouble_;  // why the files are not open
    Backoff storage_backoff_;
    LiveWindow window_;
    Waiters waiters_;
    bool woken_ = false;
    bool stopping_ = false;

    // Folding thread only.
    std::weak_ptr<rocksdb::DB> closing_;
    std::string damage_;

    std::unique_ptr<store::Subscription> subscription_;
    std::jthread thread_;
};

}  // namespace decklog::projections
