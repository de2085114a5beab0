// When something that failed is tried again: soon, then ever later. The caller brings the time.
#pragma once

#include <algorithm>
#include <chrono>

#include "projections/limits.hpp"

namespace decklog::projections {

class Backoff {
  public:
    using Clock = std::chrono::steady_clock;

    void failed(Clock::time_point now) {
        not_before_ = now + wait_;
        wait_ = std::min<std::chrono::milliseconds>(wait_ * 2, limits::kRetryMax);
    }
    void worked() { *this = Backoff(); }
    [[nodiscard]] bool waits(Clock::time_point now) const { return now < not_before_; }
    /// The epoch: nothing has failed.
    [[nodiscard]] Clock::time_point not_before() const { return not_before_; }

  private:
    std::chrono::milliseconds wait_ = limits::kRetryFirst;
    Clock::time_point not_before_{};
};

}  // namespace decklog::projections
