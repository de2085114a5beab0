// From a candidate to the live build, between two batches, and the end of what was live before.
#include <algorithm>
#include <utility>

#include "projections/folding_engine.hpp"
#include "store/log.hpp"

namespace decklog::projections {

/// On the caller's thread: the candidate stands in line until the folding thread took it or gave it
/// up; nobody folds it after this.
domain::Result<void> FoldingEngine::hand_over(Building& building, const InstancePtr& candidate) {
    std::unique_lock lock(mutex_);
    Slot& slot = building.slot;
    if (slot.live != building.live)
        return domain::fail(domain::ErrorCode::io, "views/ was opened again meanwhile", true);
    slot.candidate = candidate;
    slot.give_up_candidate = false;
    woken_ = true;
    wake_.notify_one();
    while (!stopping_ && slot.candidate != nullptr) {
        flipped_.wait_for(lock, limits::kFlipPoll);
        if (slot.candidate == nullptr || slot.give_up_candidate) continue;
        const std::uint64_t next = candidate->standing().next_ordinal;
        const std::uint64_t end = slot.live ? slot.live->standing().next_ordinal : next;
        lock.unlock();
        const bool goes_on = building.go_on(next, std::max(next, end));
        lock.lock();
        slot.give_up_candidate = !goes_on;
    }
    slot.candidate.reset();
    if (slot.live == candidate) return {};
    const Standing standing = candidate->standing();
    if (!standing.stopped.empty())
        return domain::fail(domain::ErrorCode::stopped, standing.stopped);
    return domain::fail(domain::ErrorCode::stopped, "ended before it could take over", true);
}

/// On the folding thread, between two turns.
void FoldingEngine::flip_candidates() {
    for (Slot& slot : slots_) {
        InstancePtr candidate;
        InstancePtr live;
        bool give_up = false;
        {
            const std::lock_guard lock(mutex_);
            candidate = slot.candidate;
            live = slot.live;
            give_up = slot.give_up_candidate;
        }
        if (!candidate || !live) continue;
        const Standing standing = candidate->standing();
        const bool reached = standing.next_ordinal >= live->standing().next_ordinal;
        const bool over = give_up || (!reached && !standing.stopped.empty());
        const bool is_due = reached && Backoff::Clock::now() >= standing.not_before;
        if (!over && !(is_due && flip(slot, candidate))) continue;
        {
            const std::lock_guard lock(mutex_);
            slot.candidate.reset();
        }
        flipped_.notify_all();
    }
}

/// Which one is live and which one is kept change in one batch: after a crash it is all of the flip
/// or nothing. False when that could not be written; it is tried again.
bool FoldingEngine::flip(Slot& slot, const InstancePtr& candidate) {
    const std::int64_t now_us = options_.clock->now_us();
    const std::string before = slot.live->name();
    rocksdb::WriteBatch batch;
    database_->put_live(batch, slot.name, candidate->name());
    database_->put_kept(batch, slot.name, {before, now_us});
    if (const auto written = database_->write(batch); !written) {
        candidate->trouble_with(written.error().context);
        return false;
    }
    {
        const std::lock_guard lock(mutex_);
        slot.live = candidate;
        slot.logic = &candidate->view();
        slot.kept =
            Kept{before, now_us + options_.keep_us, options_.clock->boot_us() + options_.keep_us};
        slot.folding_anew = false;
    }
    store::log_info("views", {}, "{} is live now, {} is kept", candidate->name(), before);
    return true;
}

/// On the folding thread. A rebuild goes first: it may be flipping back.
void FoldingEngine::drop_kept_in_time() {
    const std::int64_t now_boot_us = options_.clock->boot_us();
    for (Slot& slot : slots_) {
        std::string over;
        {
            const std::lock_guard lock(mutex_);
            if (slot.kept && now_boot_us >= slot.kept->until_boot_us) over = slot.kept->instance;
        }
        if (over.empty()) continue;
        const std::unique_lock alone(rebuild_mutex_, std::try_to_lock);
        if (!alone) return;
        rocksdb::WriteBatch batch;
        database_->erase_kept(batch, slot.name);
        auto dropped = database_->write(batch);
        if (dropped) dropped = database_->drop(over);
        if (!dropped)
            store::log_warn("views", {}, "{} is dropped at the next start: {}", over,
                            dropped.error().context);
        const std::lock_guard lock(mutex_);
        slot.kept.reset();
    }
}

}  // namespace decklog::projections
