// Rebuilding a view beside the live build (the engine's `rebuild`). The comparison is made where
// the live build stood at the call: a database snapshot keeps its rows of then, so both go on being
// folded meanwhile.
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "projections/folding_engine.hpp"
#include "store/log.hpp"

namespace decklog::projections {
namespace {

using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

tl::unexpected<domain::Error> engine_stopped() {
    return domain::fail(domain::ErrorCode::stopped, "the view engine is stopping", true);
}

}  // namespace

domain::Result<void> FoldingEngine::rebuild(std::string_view view, const Progress& progress) {
    const std::lock_guard one_at_a_time(rebuild_mutex_);
    Slot* slot = nullptr;
    InstancePtr live;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return engine_stopped();
        slot = find_slot(view);
        if (slot == nullptr) return domain::fail(domain::ErrorCode::not_found, "no such view");
        slot->rebuilding = true;
        live = slot->live;
    }
    auto built = build_beside(live, progress);
    const std::lock_guard lock(mutex_);
    slot->rebuilding = false;
    return built;
}

domain::Result<void> FoldingEngine::build_beside(InstancePtr live, const Progress& progress) {
    const SnapshotPtr then = database_.snapshot();
    const auto record = database_.record(live->name(), then);
    if (!record) return tl::unexpected(record.error());
    if (!*record) return domain::fail(domain::ErrorCode::corrupt, live->name() + " has no record");
    const auto parked = database_.parked(live->name(), then);
    if (!parked) return tl::unexpected(parked.error());

    const auto candidate = begin_build(live->view());
    if (!candidate) return tl::unexpected(candidate.error());
    auto built = fold_to(**candidate, **record, progress);
    if (built) {
        const std::string difference =
            (*candidate)->parked() != *parked
                ? std::string("the parked keys")
                : first_difference(*live->rows(then), *(*candidate)->rows({}));
        if (!difference.empty()) {
            built =
                domain::fail(domain::ErrorCode::corrupt,
                             fmt::format("{} differs from {} at {}:{}: {}; the live build stays",
                                         (*candidate)->name(), live->name(), kPartition,
                                         (*record)->next_ordinal, difference));
        }
    }
    if (built) built = hand_over(*candidate);
    // The folding thread may still hold a build that an ending engine left; the next start drops
    // it.
    if (!built && built.error().retryable) return built;
    const std::string leftover = built ? live->name() : (*candidate)->name();
    if (built)
        store::log_info("views", {}, "{} equals {} and is live now", (*candidate)->name(),
                        live->name());
    if (auto dropped = database_.drop(leftover); built && !dropped) return dropped;
    return built;
}

domain::Result<void> FoldingEngine::fold_to(Instance& instance, const InstanceRecord& target,
                                            const Progress& progress) {
    const BatchLimits limits{options_.batch_events_max, limits::kBatchBytesMax};
    std::uint64_t next = 0;
    while (next < target.next_ordinal) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return engine_stopped();
        }
        const auto batch = read_batch(ledger_, next, target.next_ordinal, limits);
        if (!batch) return tl::unexpected(batch.error());
        if (batch->empty())
            return domain::fail(domain::ErrorCode::corrupt,
                                "the log is shorter than what was folded");
        const auto events = batch->views();
        // Only the target's chain head will ever be compared; on the way there none is computed.
        const bool last = batch->next_ordinal() == target.next_ordinal;
        instance.advance({*batch, events, last ? target.chain : domain::Bytes32{}});
        const Standing standing = instance.standing();
        if (!standing.stopped.empty())
            return domain::fail(domain::ErrorCode::stopped, standing.stopped);
        next = standing.next_ordinal;
        if (progress) progress(next, target.next_ordinal);
    }
    return {};
}

domain::Result<void> FoldingEngine::hand_over(const InstancePtr& candidate) {
    std::unique_lock lock(mutex_);
    Slot* slot = find_slot(candidate->view().name());
    slot->candidate = candidate;
    woken_ = true;
    wake_.notify_one();
    flipped_.wait(lock, [&] { return stopping_ || slot->candidate == nullptr; });
    slot->candidate.reset();
    if (slot->live == candidate) return {};
    const std::string stopped = candidate->standing().stopped;
    if (stopped.empty()) return engine_stopped();
    return domain::fail(domain::ErrorCode::stopped, stopped);
}

/// On the folding thread, between two turns.
void FoldingEngine::flip_candidates() {
    for (Slot& slot : slots_) {
        InstancePtr candidate;
        {
            const std::lock_guard lock(mutex_);
            candidate = slot.candidate;
        }
        if (!candidate) continue;
        const bool reached =
            candidate->standing().next_ordinal >= slot.live->standing().next_ordinal;
        if (!reached && candidate->standing().stopped.empty()) continue;
        bool flipped = false;
        if (reached) {
            rocksdb::WriteBatch batch;
            database_.put_live(batch, slot.view->name(), candidate->name());
            const auto written = database_.write(batch);
            flipped = written.has_value();
            if (!written) candidate->stop_for(written.error().context);
        }
        {
            const std::lock_guard lock(mutex_);
            if (flipped) slot.live = candidate;
            slot.candidate.reset();
        }
        flipped_.notify_all();
    }
}

}  // namespace decklog::projections
