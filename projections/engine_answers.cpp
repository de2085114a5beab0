// What the engine tells others while it folds: a view as it stands, how far behind it is, and when
// a position is reflected.
#include <algorithm>
#include <optional>
#include <utility>

#include "projections/folding_engine.hpp"

namespace decklog::projections {
namespace {

/// Nobody waits for a view longer than this.
constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::hours(1);
constexpr double kMicrosPerSecond = 1e6;

}  // namespace

std::uint64_t FoldingEngine::reflected(std::string_view view) const {
    const auto next_of = [](const Slot& slot) {
        return slot.live ? slot.live->standing().next_ordinal : 0;
    };
    if (view == kTheLog) return ledger_.head(options_.partition).next_ordinal;
    if (const Slot* slot = find_slot(view)) return next_of(*slot);
    std::uint64_t lowest = UINT64_MAX;
    for (const Slot& slot : slots_) lowest = std::min(lowest, next_of(slot));
    return lowest;
}

void FoldingEngine::when_reflected(std::string_view view, domain::Position position,
                                   std::chrono::milliseconds timeout,
                                   std::function<void(bool)> done) {
    std::optional<bool> known;
    {
        const std::lock_guard lock(mutex_);
        const bool exists = view.empty() || view == kTheLog || find_slot(view) != nullptr;
        if (!exists || position.partition != options_.partition || stopping_) {
            known = false;
        } else if (position.ordinal < reflected(view)) {
            known = true;
        } else {
            const auto deadline = std::chrono::steady_clock::now() + std::min(timeout, kTimeoutMax);
            waiters_.add(std::string(view), position.ordinal, deadline, std::move(done));
            woken_ = true;
        }
    }
    if (known) return done(*known);
    wake_.notify_one();
}

FoldingEngine::Slot* FoldingEngine::find_slot(std::string_view view) {
    const auto found = std::find_if(slots_.begin(), slots_.end(),
                                    [&](const Slot& slot) { return slot.name == view; });
    return found == slots_.end() ? nullptr : &*found;
}

const FoldingEngine::Slot* FoldingEngine::find_slot(std::string_view view) const {
    const auto found = std::find_if(slots_.begin(), slots_.end(),
                                    [&](const Slot& slot) { return slot.name == view; });
    return found == slots_.end() ? nullptr : &*found;
}

const View* FoldingEngine::logic(std::string_view view) const {
    const std::lock_guard lock(mutex_);
    const Slot* slot = find_slot(view);
    return slot == nullptr ? nullptr : slot->logic;
}

domain::Result<ViewSnapshot> FoldingEngine::snapshot(std::string_view view) const {
    // A build that was flipped away and dropped between the two steps is not in the database
    // snapshot; the second time it is the new one.
    for (int attempt = 0; attempt < 2; ++attempt) {
        InstancePtr live;
        DatabasePtr database;
        ReadHealthPtr health;
        {
            const std::lock_guard lock(mutex_);
            const Slot* slot = find_slot(view);
            if (slot == nullptr) return domain::fail(domain::ErrorCode::not_found, "no such view");
            live = slot->live;
            database = database_;
            health = health_;
        }
        if (!live || !health->ok())
            return domain::fail(domain::ErrorCode::io, "views/ is opened again", true);
        const SnapshotPtr at = database->snapshot();
        const auto record = database->record(live->name(), at);
        if (!record) return tl::unexpected(record.error());
        if (!*record) continue;
        const auto parked = database->parked(live->name(), at);
        if (!parked) return tl::unexpected(parked.error());
        return ViewSnapshot{live->rows(at), (*record)->next_ordinal, list_of(*parked),
                            &live->view(), options_.partition};
    }
    return domain::fail(domain::ErrorCode::io, "the view's record is gone", true);
}

std::uint64_t FoldingEngine::read_failures() const {
    const std::lock_guard lock(mutex_);
    return 2 * openings_ + (health_->ok() ? 0 : 1);
}

std::vector<ViewStatus> FoldingEngine::status() const {
    const store::Head head = ledger_.head(options_.partition);
    std::vector<ViewStatus> all;
    {
        const std::lock_guard lock(mutex_);
        for (const Slot& slot : slots_) {
            const Standing standing = slot.live ? slot.live->standing() : slot.last_standing;
            ViewStatus status;
            status.instance = slot.live ? slot.live->name() : slot.last_instance;
            status.name = slot.name;
            status.partition = options_.partition;
            status.next_ordinal = standing.next_ordinal;
            status.lag_events =
                head.next_ordinal - std::min(head.next_ordinal, standing.next_ordinal);
            status.parked = standing.parked;
            status.rebuilding = slot.rebuilding;
            status.folding_anew = slot.folding_anew;
            status.stopped = standing.stopped;
            status.trouble = slot.live ? standing.trouble : storage_trouble_;
            status.readable = slot.live != nullptr && health_->ok();
            if (slot.kept) {
                status.kept = slot.kept->instance;
                status.kept_until_us = slot.kept->until_us;
            }
            all.push_back(std::move(status));
        }
    }
    for (ViewStatus& status : all) {
        if (status.lag_events == 0) continue;
        // How long the oldest event that is not folded yet has been waiting.
        const auto oldest = ledger_.frame_at({options_.partition, status.next_ordinal});
        if (!oldest) continue;
        const std::int64_t waiting_us =
            options_.clock->now_us() - (*oldest)->header().recorded_at_us;
        status.lag_seconds =
            static_cast<double>(std::max<std::int64_t>(waiting_us, 0)) / kMicrosPerSecond;
    }
    return all;
}

}  // namespace decklog::projections
