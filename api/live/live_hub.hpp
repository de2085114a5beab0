// Looks after the readers of the live stream: one thread that wakes them when something became
// durable, and once a second for their comments and the end of their tokens. The writer only rings;
// nothing is read or sent on its thread. What readers read from disk, a few threads of their own
// read, in turns: sixty readers that catch up delay each other, but no write and no question.
// Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "api/live/live_reader.hpp"

namespace boost::asio {
class thread_pool;
}

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
    void ring();
    void read_later(std::shared_ptr<LiveReader> reader);
    [[nodiscard]] std::vector<std::shared_ptr<LiveReader>> readers();

    const Core* core_;
    std::mutex mutex_;
    std::condition_variable_any bell_;
    bool rung_ = false;
    std::vector<std::weak_ptr<LiveReader>> readers_;
    const std::shared_ptr<LiveNews> news_;
    // How many sources are open; they may outlive the hub.
    const std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
    std::unique_ptr<boost::asio::thread_pool> reading_;  // outlives what posts to it
    std::jthread thread_;
    std::unique_ptr<store::Subscription> subscription_;  // goes first: the writer rings no more
};

}  // namespace decklog::api
