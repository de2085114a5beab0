// The newest durable frames, contiguous, bounded: what live folds read instead of the disk. The
// writer's listener pushes and never waits; when the window is full the oldest frames leave it, and
// a view that still needed them reads the log. Not thread-safe; the engine's lock guards it.
#pragma once

#include <cstdint>
#include <deque>
#include <span>

#include "projections/batch.hpp"
#include "store/ledger.hpp"

namespace decklog::projections {

class LiveWindow {
  public:
    LiveWindow(std::size_t events_max, std::size_t bytes_max)
        : events_max_(events_max), bytes_max_(bytes_max) {}

    void push(std::span<const store::FramePtr> frames);
    /// After the newest frame; 0 when empty.
    [[nodiscard]] std::uint64_t end() const {
        return frames_.empty() ? 0 : frames_.back()->last().ordinal + 1;
    }
    /// A frame that begins at `ordinal` is here.
    [[nodiscard]] bool holds(std::uint64_t ordinal) const;
    /// Frames from `ordinal`, which the window holds, and before `before`.
    [[nodiscard]] Batch take(std::uint64_t ordinal, std::uint64_t before,
                             const BatchLimits& limits) const;
    /// Frames before `ordinal` are not needed any more.
    void forget_before(std::uint64_t ordinal);

  private:
    void drop_front();
    std::size_t events_max_;
    std::size_t bytes_max_;
    std::deque<store::FramePtr> frames_;
    std::size_t events_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace decklog::projections
