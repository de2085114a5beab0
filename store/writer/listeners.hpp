// Who wants each durable group of frames. The writer tells them in the order they came; whoever
// destroys its handle waits for a call in progress, so it may not do so from inside that call.
#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "store/ledger.hpp"

namespace decklog::store {

/// Thread-safe. Handles may outlive it.
class Listeners {
  public:
    [[nodiscard]] std::unique_ptr<Subscription> add(LogReader::Listener listener);
    void tell(std::span<const FramePtr> frames) const;

  private:
    struct Registry {
        std::mutex mutex;
        std::list<LogReader::Listener> listeners;
    };
    class Handle;
    std::shared_ptr<Registry> registry_ = std::make_shared<Registry>();
};

}  // namespace decklog::store
