// Folding the log into memory: the same fold code as the live views, cut to a range of events. A
// range may begin and end in the middle of a commit.
#include <algorithm>
#include <utility>

#include "projections/batch.hpp"
#include "projections/engine.hpp"
#include "projections/folding.hpp"
#include "projections/row_changes.hpp"

namespace decklog::projections {
namespace {

class Replay {
  public:
    Replay(const View& view, const ReplayRange& range, std::uint64_t end, std::size_t batch_events,
           const Progress& progress)
        : view_(view),
          range_(range),
          end_(end),
          batch_events_(std::max<std::size_t>(batch_events, 1)),
          progress_(progress) {
        replayed_.partition = range.partition;
        // A range that begins after the log reflects the log, not what is not there yet.
        replayed_.next_ordinal = std::min(range.from_ordinal.value_or(0), end);
    }

    /// False: the range ends here.
    bool take(const store::FramePtr& frame) {
        if (range_.at_us && frame->header().recorded_at_us > *range_.at_us) return false;
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const domain::EventView event = frame->event(i);
            const std::uint64_t ordinal = event.position().ordinal;
            if (ordinal < range_.from_ordinal.value_or(0)) continue;
            if (ordinal >= end_) return false;
            if (stopped_ = misunderstood(view_, event); !stopped_.empty()) return false;
            apply_event(*fold_, event, parked_, newly_parked_);
            replayed_.next_ordinal = ordinal + 1;
            replayed_.last_recorded_at_us = event.recorded_at_us();
            ++replayed_.events;
            if (++applied_ < batch_events_) continue;
            write();
            ended_ = progress_ && !progress_(replayed_.next_ordinal, end_);
            if (ended_) return false;
        }
        return true;
    }

    domain::Result<Replayed> finish() && {
        if (!stopped_.empty()) return domain::fail(domain::ErrorCode::stopped, std::move(stopped_));
        if (ended_) return domain::fail(domain::ErrorCode::stopped, "nobody waits for it", true);
        write();
        replayed_.parked = list_of(parked_);
        return std::move(replayed_);
    }

  private:
    void write() {
        if (std::exchange(applied_, 0) == 0) return;
        RowChanges changes;
        fold_->finish(changes);
        std::move(changes).apply_to(replayed_.rows);
        keep(parked_, std::exchange(newly_parked_, {}));
    }

    const View& view_;
    const ReplayRange& range_;
    std::uint64_t end_;
    std::size_t batch_events_;
    const Progress& progress_;
    bool ended_ = false;
    std::size_t applied_ = 0;  // since the last write
    ParkedKeys parked_;
    ParkedKeys newly_parked_;  // since the last write
    std::string stopped_;
    Replayed replayed_;
    std::unique_ptr<Fold> fold_ = view_.begin(replayed_.rows);
};

}  // namespace

domain::Result<Replayed> replay(const store::LogReader& log, const View& view,
                                const ReplayRange& range, std::size_t batch_events,
                                const Progress& progress) {
    // The head is fixed at the call, so that a busy log cannot keep a replay running.
    std::uint64_t end = log.head(range.partition).next_ordinal;
    if (range.to_ordinal && *range.to_ordinal < end) end = *range.to_ordinal + 1;
    Replay replay(view, range, end, batch_events, progress);
    const std::uint64_t from = range.from_ordinal.value_or(0);
    if (from < end) {
        const auto read = log.read({range.partition, from}, [&](const store::FramePtr& frame) {
            return frame->first().ordinal < end && replay.take(frame);
        });
        if (!read) return tl::unexpected(read.error());
    }
    return std::move(replay).finish();
}

}  // namespace decklog::projections
