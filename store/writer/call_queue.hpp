// The bounded queue in front of a partition's writer. A full or closed queue refuses at once, it
// never blocks a caller. Any thread pushes, the writer takes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "store/ledger.hpp"

namespace decklog::store {

/// One submit: its submissions are decided together and answered together.
struct Call {
    std::vector<Submission> submissions;
    Completion done;
    std::chrono::steady_clock::time_point submitted;
};

class CallQueue {
  public:
    explicit CallQueue(std::size_t calls_max) : calls_max_(calls_max) {}

    enum class Pushed : std::uint8_t { queued, full, closed };
    /// `call` is moved from only when it was queued.
    [[nodiscard]] Pushed push(Call& call);
    /// Moves everything queued behind `pending`; waits up to `patience` for something when there is
    /// nothing.
    void take_all(std::deque<Call>& pending, std::chrono::milliseconds patience);
    void close();
    /// Closed, and everything was taken.
    [[nodiscard]] bool finished() const;
    [[nodiscard]] std::size_t depth() const;

  private:
    const std::size_t calls_max_;
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Call> calls_;
    bool closed_ = false;
};

}  // namespace decklog::store
