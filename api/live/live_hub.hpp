// Looks after the readers of the live stream: one thread that wakes them when something became
// durable, and once a second for their comments and the end of their tokens. The writer only rings;
// nothing is read or sent on its thread. Thread-safe.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "api/live/live_reader.hpp"

namespace decklog::api {

class LiveHub {
  public:
    /// `core` outlives the hub.
    explicit LiveHub(const Core& core);
    ~LiveHub();
    LiveHub(const LiveHub&) = delete;
    LiveHub& operator=(const LiveHub&) = delete;

    [[nodiscard]] std::shared_ptr<BodySource> open(LivePlace place);

  private:
    void run(const std::stop_token& stop);
    [[nodiscard]] std::vector<std::shared_ptr<LiveReader>> readers();

    const Core* core_;
    std::mutex mutex_;
    std::condition_variable_any bell_;
    bool rung_ = false;
    std::vector<std::weak_ptr<LiveReader>> readers_;
    std::jthread thread_;
    std::unique_ptr<store::Subscription> subscription_;  // goes first: the writer rings no more
};

}  // namespace decklog::api
