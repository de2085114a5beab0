#include "projections/frame_feed.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace decklog::projections {
namespace {

constexpr std::uint64_t kLeft = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::uint64_t FrameFeed::seen_by_all() const {
    return *std::min_element(seen_.begin(), seen_.end());
}

bool FrameFeed::push(FrameChunk chunk) {
    std::unique_lock lock(mutex_);
    seen_or_left_.wait(lock, [this] {
        const std::uint64_t seen = seen_by_all();
        return seen == kLeft || pushed_ - seen < kChunks;
    });
    if (seen_by_all() == kLeft) return false;
    std::swap(ring_[pushed_ % kChunks], chunk);
    ++pushed_;
    lock.unlock();
    pushed_or_closed_.notify_all();
    return true;
}

void FrameFeed::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    pushed_or_closed_.notify_all();
}

const FrameChunk* FrameFeed::next(std::size_t follower) {
    std::unique_lock lock(mutex_);
    if (holds_[follower]) {
        holds_[follower] = false;
        ++seen_[follower];
        seen_or_left_.notify_one();
    }
    pushed_or_closed_.wait(lock, [&] { return closed_ || seen_[follower] < pushed_; });
    if (seen_[follower] == pushed_) return nullptr;
    holds_[follower] = true;
    return &ring_[seen_[follower] % kChunks];
}

void FrameFeed::leave(std::size_t follower) {
    {
        const std::lock_guard lock(mutex_);
        seen_[follower] = kLeft;
    }
    seen_or_left_.notify_one();
}

}  // namespace decklog::projections
