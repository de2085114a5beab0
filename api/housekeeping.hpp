// What a server does by itself to forget: finishes erasures that a crash left undone, and once an
// hour destroys the keys of raw bodies past raw_days. One thread of its own; the destructor ends
// the work, which the next start takes up again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "api/app.hpp"
#include "store/raw_expiry.hpp"

namespace decklog::api {

class Housekeeping {
  public:
    /// `core` outlives it.
    explicit Housekeeping(const Core& core);
    ~Housekeeping();
    Housekeeping(const Housekeeping&) = delete;
    Housekeeping& operator=(const Housekeeping&) = delete;

  private:
    void run();
    void finish_erasures();
    void expire_raw();

    const Core& core_;
    store::RawExpiry raw_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable stop_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace decklog::api
