// A reader of the live stream that goes on over restarts with `Last-Event-ID`, on a thread of its
// own, and what it holds the stream to: every event once, in order, without a gap. One thread
// calls.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "tests/e2e/sse_client.hpp"
#include "tests/e2e/traffic.hpp"

namespace decklog::e2e {

class Follower {
  public:
    /// Follows `server` from where it stood, at first from the start of the log, until `leave`.
    void follow(const Door& server);
    /// Fails the test unless what came follows on what came before.
    void leave();
    /// The log is another one now.
    void begin_anew();
    /// Ordinal behind the last event that had come when it left.
    [[nodiscard]] std::uint64_t next() const { return next_; }
    /// False: the events before `end` do not come.
    [[nodiscard]] bool reaches(std::uint64_t end) const;

  private:
    void run(const std::stop_token& stop);

    std::unique_ptr<SseClient> client_;
    std::uint64_t next_ = 0;
    std::atomic<std::uint64_t> behind_{0};  // ordinal behind the last event so far
    std::jthread thread_;
};

}  // namespace decklog::e2e
