// The time that answers carry. The wall clock may step back, the log's recorded_at and this may
// not: what one answer called "now" is never later than what the next one calls it. Thread-safe.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace decklog::api {

class AnswerClock {
  public:
    /// The latest of: the wall clock, the newest recorded_at, what was answered before.
    [[nodiscard]] std::int64_t time_us(std::int64_t wall_us, std::int64_t recorded_at_us) {
        const std::int64_t now = std::max(wall_us, recorded_at_us);
        std::int64_t before = last_us_.load();
        while (before < now && !last_us_.compare_exchange_weak(before, now)) {
        }
        return std::max(before, now);
    }

  private:
    std::atomic<std::int64_t> last_us_{0};
};

}  // namespace decklog::api
