#include "projections/folding_engine.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/log.hpp"

namespace decklog::projections {

FoldingEngine::FoldingEngine(ViewsDatabase database, store::Ledger& ledger, EngineOptions options)
    : database_(std::move(database)),
      ledger_(ledger),
      options_(std::move(options)),
      window_(options_.window_events_max, limits::kWindowBytesMax) {}

FoldingEngine::~FoldingEngine() {
    stop();
    const std::lock_guard rebuild_has_ended(rebuild_mutex_);
}

void FoldingEngine::start() {
    last_turn_boot_us_ = options_.clock->boot_us();
    subscription_ = ledger_.on_durable([this](std::span<const store::FramePtr> frames) {
        {
            const std::lock_guard lock(mutex_);
            window_.push(frames);
            woken_ = true;
        }
        wake_.notify_one();
    });
    thread_ = std::jthread([this] { run(); });
}

void FoldingEngine::stop() {
    const std::lock_guard one_at_a_time(stop_mutex_);
    subscription_.reset();
    std::vector<Waiters::Answer> waiting;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        waiting = waiters_.take_all();
    }
    wake_.notify_all();
    flipped_.notify_all();
    if (thread_.joinable()) thread_.join();
    for (const auto& answer : waiting) answer.give();
}

void FoldingEngine::run() {
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
            woken_ = false;
        }
        const auto began = std::chrono::steady_clock::now();
        const bool progressed = turn();
        answer_waiters();
        last_turn_boot_us_ = options_.clock->boot_us();
        wait(began, progressed);
    }
}

/// One batch for every place where views stand. True when anything was folded.
bool FoldingEngine::turn() {
    const store::Head head = ledger_.head(kPartition);
    std::uint64_t end = 0;
    Groups groups;
    {
        const std::lock_guard lock(mutex_);
        end = std::max(head.next_ordinal, window_.end());
        groups = running_before(end);
    }
    bool progressed = false;
    for (auto group = groups.begin(); group != groups.end(); ++group) {
        const auto ahead = std::next(group);
        // Those behind stop where the next ones stand, and are one group with them from then on.
        progressed |= ahead == groups.end()
                          ? fold_batch(group->first, group->second, end, head)
                          : catch_up(group->first, group->second, ahead->first, head);
    }
    flip_candidates();
    const std::lock_guard lock(mutex_);
    forget_folded();
    return progressed;
}

FoldingEngine::Groups FoldingEngine::running_before(std::uint64_t end) const {
    Groups groups;
    for (const Slot& slot : slots_) {
        for (const auto& instance : {slot.live, slot.candidate}) {
            if (!instance) continue;
            const Standing standing = instance->standing();
            if (standing.stopped.empty() && standing.next_ordinal < end) {
                groups[standing.next_ordinal].push_back(instance);
            }
        }
    }
    return groups;
}

bool FoldingEngine::catch_up(std::uint64_t from, const std::vector<InstancePtr>& instances,
                             std::uint64_t end, const store::Head& head) {
    std::uint64_t next = from;
    for (int i = 0; i < limits::kCatchUpBatches && next < end; ++i) {
        if (!fold_batch(next, instances, end, head)) break;
        const Standing standing = instances.front()->standing();
        // They understand different families, so one may stop where another goes on: the next turn
        // sorts them out.
        const bool together =
            std::all_of(instances.begin(), instances.end(), [&](const InstancePtr& instance) {
                return instance->standing().next_ordinal == standing.next_ordinal &&
                       instance->standing().stopped.empty();
            });
        next = standing.next_ordinal;
        if (!together) break;
    }
    return next != from;
}

bool FoldingEngine::fold_batch(std::uint64_t from, const std::vector<InstancePtr>& instances,
                               std::uint64_t end, const store::Head& head) {
    const auto batch = batch_at(from, end);
    if (!batch) {
        store::log_error("views", {}, "the log cannot be read at {}:{}: {}", kPartition, from,
                         batch.error().context);
        for (const auto& instance : instances) instance->stop_for("log: " + batch.error().context);
        return false;
    }
    if (batch->empty()) return false;
    const auto events = batch->views();
    // The ledger has hashed its newest frame already; in the middle of the log the chain is walked
    // here.
    const domain::Bytes32 before = instances.front()->standing().chain;
    const domain::Bytes32 after = batch->next_ordinal() == head.next_ordinal
                                      ? head.chain
                                      : chain_after(before, batch->frames());
    for (const auto& instance : instances) {
        instance->advance({*batch, events, after});
        const std::string stopped = instance->standing().stopped;
        if (!stopped.empty()) store::log_error("views", {}, "{} {}", instance->name(), stopped);
    }
    return true;
}

domain::Result<Batch> FoldingEngine::batch_at(std::uint64_t ordinal, std::uint64_t end) const {
    const BatchLimits limits{options_.batch_events_max, limits::kBatchBytesMax};
    {
        const std::lock_guard lock(mutex_);
        if (window_.holds(ordinal)) return window_.take(ordinal, end, limits);
    }
    return read_batch(ledger_, ordinal, end, limits);
}

void FoldingEngine::forget_folded() {
    std::uint64_t needed = window_.end();
    for (const Slot& slot : slots_) {
        for (const auto& instance : {slot.live, slot.candidate}) {
            if (!instance) continue;
            const Standing standing = instance->standing();
            // A view behind the window reads the log and needs nothing of it.
            if (standing.stopped.empty() && window_.holds(standing.next_ordinal)) {
                needed = std::min(needed, standing.next_ordinal);
            }
        }
    }
    window_.forget_before(needed);
}

void FoldingEngine::answer_waiters() {
    std::vector<Waiters::Answer> due;
    {
        const std::lock_guard lock(mutex_);
        due = waiters_.take_due(reflected(), std::chrono::steady_clock::now());
    }
    for (const auto& answer : due) answer.give();
}

void FoldingEngine::wait(std::chrono::steady_clock::time_point turn_began, bool progressed) {
    std::unique_lock lock(mutex_);
    const std::uint64_t end = std::max(ledger_.head(kPartition).next_ordinal, window_.end());
    const auto called = [this] { return stopping_ || woken_; };
    if (progressed) {
        if (!waiters_.empty() || !running_before(end).empty()) return;
        // Let a busy log gather a larger batch.
        wake_.wait_until(lock, turn_began + limits::kTurnSpacing,
                         [this] { return stopping_ || !waiters_.empty(); });
    }
    auto until = std::chrono::steady_clock::now() + limits::kIdleTurn;
    if (const auto deadline = waiters_.first_deadline()) until = std::min(until, *deadline);
    wake_.wait_until(lock, until, called);
}

}  // namespace decklog::projections
