// The newest durable frames of each partition, contiguous and bounded, with their events as text
// once somebody asked: readers that keep up share one rendering of each event instead of reading
// and writing it sixty times. A reader further behind reads the log. Only events without a sealed
// part are kept as text, since what is opened may be erased, and is not for everybody. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/frame/frame.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

struct Core;

/// What a server-sent event is as JSON, and its end; its id goes before it.
[[nodiscard]] std::string live_text(const Core& core, const domain::EventView& event,
                                    bool opens_sealed);

class LiveFrame {
  public:
    explicit LiveFrame(store::FramePtr frame) : frame_(std::move(frame)) {}
    [[nodiscard]] const store::Frame& frame() const { return *frame_; }
    /// What everybody reads; empty when the event has a sealed part. The first to ask renders.
    [[nodiscard]] std::string_view text(const Core& core, std::size_t index) const;

  private:
    store::FramePtr frame_;
    mutable std::once_flag rendered_;
    mutable std::vector<std::string> texts_;
};
using LiveFramePtr = std::shared_ptr<const LiveFrame>;

class LiveNews {
  public:
    explicit LiveNews(std::uint32_t partitions) : partitions_(partitions) {}

    /// Of one partition. On a writer's thread, one at a time.
    void push(std::span<const store::FramePtr> frames);
    void clear();
    /// Frames from the one that holds `place` on, with at least one and about `events_max` events;
    /// none when that one is not here.
    [[nodiscard]] std::vector<LiveFramePtr> from(domain::Position place,
                                                 std::size_t events_max) const;

  private:
    struct Window {
        std::deque<LiveFramePtr> frames;
        std::size_t events = 0;
        std::size_t bytes = 0;

        void push(const store::FramePtr& frame);
        void drop_front();
    };
    mutable std::mutex mutex_;
    std::vector<Window> partitions_;
};

}  // namespace decklog::api
