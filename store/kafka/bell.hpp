// Wakes one thread that waits for any of several things. A ring while nobody waits is kept.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace decklog::store::kafka {

class Bell {
  public:
    /// Any thread.
    void ring() {
        {
            const std::lock_guard lock(mutex_);
            if (rung_) return;
            rung_ = true;
        }
        heard_.notify_one();
    }
    /// Until it rings, or for `patience`.
    void wait(std::chrono::milliseconds patience) {
        std::unique_lock lock(mutex_);
        heard_.wait_for(lock, patience, [this] { return rung_; });
        rung_ = false;
    }

  private:
    std::mutex mutex_;
    std::condition_variable heard_;
    bool rung_ = false;
};

}  // namespace decklog::store::kafka
