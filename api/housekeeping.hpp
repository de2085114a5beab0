// What a server does by itself to forget: finishes erasures that a crash left undone or another
// node of the cluster ordered, down to this one's files, and once an hour destroys the keys of raw
// bodies past raw_days. One thread of its own; the destructor ends the work, which the next start
// takes up again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include "api/app.hpp"
#include "store/raw_expiry.hpp"

namespace decklog::api {

class Housekeeping {
  public:
    /// `core` outlives it. `follows`: is it another node that erases? Whoever erases cleans its own
    /// files before it answers, and nobody is to do it twice at a time. Called on the writer's
    /// thread.
    Housekeeping(const Core& core, std::function<bool()> follows);
    ~Housekeeping();
    Housekeeping(const Housekeeping&) = delete;
    Housekeeping& operator=(const Housekeeping&) = delete;

  private:
    void run();
    void rest(std::unique_lock<std::mutex>& lock);
    void note_erasures(std::span<const store::FramePtr> frames);
    /// False: some are left, for now.
    [[nodiscard]] bool finish_erasures();
    void take_late_bodies();
    void expire_raw();

    const Core& core_;
    const std::function<bool()> follows_;
    store::RawExpiry raw_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
    bool is_left_ = false;    // an erasure did not come to its end; guarded by mutex_
    bool is_erased_ = false;  // somebody, since the last look; guarded by mutex_
    std::unique_ptr<store::Subscription> erasures_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace decklog::api
