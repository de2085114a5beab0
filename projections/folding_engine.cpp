#include "projections/folding_engine.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "projections/bulk_fold.hpp"
#include "store/log.hpp"

namespace decklog::projections {

FoldingEngine::FoldingEngine(std::filesystem::path views_dir, store::Ledger& ledger,
                             EngineOptions options)
    : views_dir_(std::move(views_dir)),
      ledger_(ledger),
      options_(std::move(options)),
      window_(options_.window_events_max, limits::kWindowBytesMax) {
    for (const View* view : options_.views) {
        Slot* slot = find_slot(view->name());
        if (slot == nullptr) {
            slot = &slots_.emplace_back();
            slot->name = view->name();
        }
        slot->versions.push_back(view);
    }
}

FoldingEngine::~FoldingEngine() {
    stop();
    const std::lock_guard rebuild_has_ended(rebuild_mutex_);
}

domain::Result<void> FoldingEngine::open() {
    if (auto opened = open_files(); !opened) return opened;
    auto attached = attach();
    if (attached || attached.error().code != domain::ErrorCode::corrupt) return attached;
    damage_ = attached.error().context;
    for (Slot& slot : slots_) slot.live.reset();
    database_.reset();
    if (auto opened = open_files(); !opened) return opened;
    return attach();
}

void FoldingEngine::start() {
    last_turn_boot_us_ = options_.clock->boot_us();
    subscription_ = ledger_.on_durable([this](std::span<const store::FramePtr> frames) {
        if (frames.front()->first().partition != options_.partition) return;
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
    if (!mend_storage()) return false;
    const store::Head head = ledger_.head(options_.partition);
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
    groups.clear();
    flip_candidates();
    drop_kept_in_time();
    const std::lock_guard lock(mutex_);
    note_caught_up(end);
    forget_folded();
    return progressed;
}

FoldingEngine::Groups FoldingEngine::running_before(std::uint64_t end) const {
    const auto now = Backoff::Clock::now();
    Groups groups;
    for (const Slot& slot : slots_) {
        for (const auto& instance : {slot.live, slot.candidate}) {
            if (!instance) continue;
            const Standing standing = instance->standing();
            if (standing.goes_on(now) && standing.next_ordinal < end) {
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
        // They understand different families, so one may stop where another goes on, and one may
        // fail where another does not: the next turn sorts them out.
        const bool together =
            std::all_of(instances.begin(), instances.end(), [&](const InstancePtr& instance) {
                const Standing its = instance->standing();
                return its.next_ordinal == standing.next_ordinal && its.stopped.empty() &&
                       its.trouble.empty();
            });
        next = standing.next_ordinal;
        if (!together) break;
    }
    return next != from;
}

bool FoldingEngine::fold_batch(std::uint64_t from, const std::vector<InstancePtr>& instances,
                               std::uint64_t end, const store::Head& head) {
    if (is_far(from, end)) return fold_far(from, instances, end, head);
    const auto batch = batch_at(from, end);
    if (!batch) {
        log_is_unreadable({options_.partition, from}, instances, batch.error());
        return false;
    }
    if (batch->empty()) return false;
    // The ledger has hashed its newest frame already; in the middle of the log the chain is walked
    // here.
    const domain::Bytes32 before = instances.front()->standing().chain;
    const domain::Bytes32 after = batch->next_ordinal() == head.next_ordinal
                                      ? head.chain
                                      : chain_after(before, batch->frames());
    for (const auto& instance : instances) instance->advance(batch->frames(), after);
    return tell_how_it_went(from, instances);
}

/// Long stretches are folded on threads of their own; a turn is then up to a quarter of a million
/// events.
bool FoldingEngine::is_far(std::uint64_t from, std::uint64_t end) const {
    const std::lock_guard lock(mutex_);
    return end - from > limits::kFarBehindEvents && !window_.holds(from);
}

bool FoldingEngine::fold_far(std::uint64_t from, const std::vector<InstancePtr>& instances,
                             std::uint64_t end, const store::Head& head) {
    BulkEnd until{std::min(end, head.next_ordinal)};
    if (until.next_ordinal == head.next_ordinal) until.chain = head.chain;
    if (const auto folded = bulk_fold(ledger_, options_.partition, instances, until); !folded)
        log_is_unreadable({options_.partition, from}, instances, folded.error());
    return tell_how_it_went(from, instances);
}

void FoldingEngine::log_is_unreadable(domain::Position from,
                                      const std::vector<InstancePtr>& instances,
                                      const domain::Error& error) {
    store::log_error("views", {}, "the log cannot be read at {}:{}: {}", from.partition,
                     from.ordinal, error.context);
    for (const auto& instance : instances) instance->trouble_with("log: " + error.context);
}

bool FoldingEngine::tell_how_it_went(std::uint64_t from,
                                     const std::vector<InstancePtr>& instances) {
    bool progressed = false;
    for (const auto& instance : instances) {
        const Standing standing = instance->standing();
        if (!standing.stopped.empty())
            store::log_error("views", {}, "{} {}", instance->name(), standing.stopped);
        if (!standing.trouble.empty())
            store::log_warn("views", {}, "{} is tried again: {}", instance->name(),
                            standing.trouble);
        progressed |= standing.next_ordinal > from;
    }
    return progressed;
}

domain::Result<Batch> FoldingEngine::batch_at(std::uint64_t ordinal, std::uint64_t end) const {
    {
        const std::lock_guard lock(mutex_);
        if (window_.holds(ordinal)) return window_.take(ordinal, end, batch_limits());
    }
    return read_batch(ledger_, {options_.partition, ordinal}, end, batch_limits());
}

void FoldingEngine::note_caught_up(std::uint64_t end) {
    for (Slot& slot : slots_) {
        if (slot.live && slot.live->standing().next_ordinal >= end) slot.folding_anew = false;
    }
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
        due = waiters_.take_due([this](std::string_view view) { return reflected(view); },
                                std::chrono::steady_clock::now());
    }
    for (const auto& answer : due) answer.give();
}

void FoldingEngine::wait(std::chrono::steady_clock::time_point turn_began, bool progressed) {
    std::unique_lock lock(mutex_);
    const std::uint64_t end =
        std::max(ledger_.head(options_.partition).next_ordinal, window_.end());
    const auto called = [this] { return stopping_ || woken_; };
    if (progressed) {
        if (!waiters_.empty() || !running_before(end).empty()) return;
        // Let a busy log gather a larger batch.
        wake_.wait_until(lock, turn_began + limits::kTurnSpacing,
                         [this] { return stopping_ || !waiters_.empty(); });
    }
    auto until = std::chrono::steady_clock::now() + limits::kIdleTurn;
    if (const auto deadline = waiters_.first_deadline()) until = std::min(until, *deadline);
    until = std::min(until, next_try());
    wake_.wait_until(lock, until, called);
}

/// When something that failed is due again.
std::chrono::steady_clock::time_point FoldingEngine::next_try() const {
    const auto now = Backoff::Clock::now();
    auto next = Backoff::Clock::time_point::max();
    const auto consider = [&](Backoff::Clock::time_point at) {
        if (at > now) next = std::min(next, at);
    };
    consider(storage_backoff_.not_before());
    for (const Slot& slot : slots_) {
        for (const auto& instance : {slot.live, slot.candidate}) {
            if (instance) consider(instance->standing().not_before);
        }
    }
    return next;
}

}  // namespace decklog::projections
