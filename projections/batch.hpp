// Consecutive frames on their way into the views, and where they come from when they are not in
// memory. The frames own the bytes; events are windows on them. Pure but for the log it reads; any
// thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/event.hpp"
#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "projections/limits.hpp"
#include "store/frame/frame.hpp"
#include "store/ledger.hpp"

namespace decklog::projections {

struct BatchLimits {
    std::size_t events_max = limits::kBatchEventsMax;
    std::size_t bytes_max = limits::kBatchBytesMax;
};

class Batch {
  public:
    /// False when the batch is full: the frame was not taken. An empty batch takes any frame.
    bool add(store::FramePtr frame, const BatchLimits& limits);

    [[nodiscard]] bool empty() const { return frames_.empty(); }
    [[nodiscard]] const std::vector<store::FramePtr>& frames() const { return frames_; }
    [[nodiscard]] std::size_t events() const { return events_; }
    /// Of the first frame. Not for an empty batch.
    [[nodiscard]] std::uint64_t first_ordinal() const { return frames_.front()->first().ordinal; }
    /// After the last frame. Not for an empty batch.
    [[nodiscard]] std::uint64_t next_ordinal() const { return frames_.back()->last().ordinal + 1; }

  private:
    std::vector<store::FramePtr> frames_;
    std::size_t events_ = 0;
    std::size_t bytes_ = 0;
};

/// Frames from the one that begins at `from`, before the ordinal `end` of its partition, until the
/// batch is full. Empty when there are none yet. Error: corrupt when the log's positions are not
/// dense there; what the log says otherwise.
[[nodiscard]] domain::Result<Batch> read_batch(const store::LogReader& log, domain::Position from,
                                               std::uint64_t end, const BatchLimits& limits);

/// The chain head after `frames`, which follow one whose head is `chain`.
[[nodiscard]] domain::Bytes32 chain_after(domain::Bytes32 chain,
                                          std::span<const store::FramePtr> frames);

}  // namespace decklog::projections
