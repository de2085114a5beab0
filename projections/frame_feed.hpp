// Frames on their way from one thread that reads and checks them to others that each fold all of
// them: a ring of chunks that waits for the slowest. A chunk is let go of by the reading thread, so
// that what it allocated comes back to it.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "domain/ids.hpp"
#include "store/frame/frame.hpp"

namespace decklog::projections {

struct FrameChunk {
    std::vector<store::FramePtr> frames;
    std::size_t bytes = 0;
    /// Chain head after the last frame: here it is known, and what is folded can be written.
    std::optional<domain::Bytes32> chain{};
};

class FrameFeed {
  public:
    explicit FrameFeed(std::size_t followers) : seen_(followers, 0) {}

    /// The reading thread. Waits while the ring is full; false when nobody follows any more.
    bool push(FrameChunk chunk);
    void close();

    /// One thread a follower, numbered from 0. The next chunk, valid until the call after it;
    /// nullptr at the end.
    [[nodiscard]] const FrameChunk* next(std::size_t follower);
    /// It wants no more.
    void leave(std::size_t follower);

  private:
    static constexpr std::size_t kChunks = 8;
    [[nodiscard]] std::uint64_t seen_by_all() const;

    std::mutex mutex_;
    std::condition_variable pushed_or_closed_;
    std::condition_variable seen_or_left_;
    std::array<FrameChunk, kChunks> ring_;
    std::uint64_t pushed_ = 0;
    bool closed_ = false;
    std::vector<std::uint64_t> seen_;  // chunks each has done with
    std::vector<bool> holds_ = std::vector<bool>(seen_.size(), false);
};

}  // namespace decklog::projections
