#include "store/writer/call_queue.hpp"

#include <iterator>

namespace decklog::store {

CallQueue::Pushed CallQueue::push(Call& call) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return Pushed::closed;
        if (calls_.size() >= calls_max_) return Pushed::full;
        calls_.push_back(std::move(call));
        if (calls_.size() > 1) return Pushed::queued;  // the writer was woken by the first one
    }
    filled_.notify_one();
    return Pushed::queued;
}

void CallQueue::take_all(std::deque<Call>& pending, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, patience, [this] { return closed_ || !calls_.empty(); });
    if (pending.empty()) {
        pending.swap(calls_);
        return;
    }
    std::move(calls_.begin(), calls_.end(), std::back_inserter(pending));
    calls_.clear();
}

void CallQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    filled_.notify_all();
}

bool CallQueue::finished() const {
    const std::lock_guard lock(mutex_);
    return closed_ && calls_.empty();
}

std::size_t CallQueue::depth() const {
    const std::lock_guard lock(mutex_);
    return calls_.size();
}

}  // namespace decklog::store
