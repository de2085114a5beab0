#include "projections/folding_engine.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/log.hpp"

namespace decklog::projections {
namespace {

/// Nobody waits for a view longer than this.
constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::hours(1);
constexpr double kMicrosPerSecond = 1e6;

}  // namespace

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

std::uint64_t FoldingEngine::reflected() const {
    std::uint64_t lowest = UINT64_MAX;
    for (const Slot& slot : slots_) lowest = std::min(lowest, slot.live->standing().next_ordinal);
    return lowest;
}

void FoldingEngine::when_reflected(domain::Position position, std::chrono::milliseconds timeout,
                                   std::function<void(bool)> done) {
    std::optional<bool> known;
    {
        const std::lock_guard lock(mutex_);
        if (position.partition != kPartition || stopping_) {
            known = false;
        } else if (position.ordinal < reflected()) {
            known = true;
        } else {
            const auto deadline = std::chrono::steady_clock::now() + std::min(timeout, kTimeoutMax);
            waiters_.add(position.ordinal, deadline, std::move(done));
            woken_ = true;
        }
    }
    if (known) return done(*known);
    wake_.notify_one();
}

FoldingEngine::Slot* FoldingEngine::find_slot(std::string_view view) {
    const auto found = std::find_if(slots_.begin(), slots_.end(),
                                    [&](const Slot& slot) { return slot.view->name() == view; });
    return found == slots_.end() ? nullptr : &*found;
}

domain::Result<ViewSnapshot> FoldingEngine::snapshot(std::string_view view) const {
    // A build that was flipped away and dropped between the two steps is not in the database
    // snapshot; the second time it is the new one.
    for (int attempt = 0; attempt < 2; ++attempt) {
        InstancePtr live;
        {
            const std::lock_guard lock(mutex_);
            for (const Slot& slot : slots_) {
                if (slot.view->name() == view) live = slot.live;
            }
        }
        if (!live) return domain::fail(domain::ErrorCode::not_found, "no such view");
        if (!health_->ok()) return domain::fail(domain::ErrorCode::io, "views/ cannot be read");
        const SnapshotPtr at = database_.snapshot();
        const auto record = database_.record(live->name(), at);
        if (!record) return tl::unexpected(record.error());
        if (!*record) continue;
        const auto parked = database_.parked(live->name(), at);
        if (!parked) return tl::unexpected(parked.error());
        return ViewSnapshot{live->rows(at), (*record)->next_ordinal, list_of(*parked)};
    }
    return domain::fail(domain::ErrorCode::io, "the view's record is gone", true);
}

std::vector<ViewStatus> FoldingEngine::status() const {
    const store::Head head = ledger_.head(kPartition);
    std::vector<ViewStatus> all;
    {
        const std::lock_guard lock(mutex_);
        for (const Slot& slot : slots_) {
            const Standing standing = slot.live->standing();
            ViewStatus status;
            status.instance = slot.live->name();
            status.name = slot.view->name();
            status.next_ordinal = standing.next_ordinal;
            status.lag_events =
                head.next_ordinal - std::min(head.next_ordinal, standing.next_ordinal);
            status.parked = standing.parked;
            status.rebuilding = slot.rebuilding;
            status.stopped = standing.stopped;
            all.push_back(std::move(status));
        }
    }
    for (ViewStatus& status : all) {
        if (status.lag_events == 0) continue;
        // How long the oldest event that is not folded yet has been waiting.
        const auto oldest = ledger_.frame_at({kPartition, status.next_ordinal});
        if (!oldest) continue;
        const std::int64_t waiting_us =
            options_.clock->now_us() - (*oldest)->header().recorded_at_us;
        status.lag_seconds =
            static_cast<double>(std::max<std::int64_t>(waiting_us, 0)) / kMicrosPerSecond;
    }
    return all;
}

}  // namespace decklog::projections
