#include "projections/live_window.hpp"

#include <algorithm>

namespace decklog::projections {

void LiveWindow::push(std::span<const store::FramePtr> frames) {
    for (const auto& frame : frames) {
        // A gap (frames that were durable before anyone listened) makes what was here useless.
        if (!frames_.empty() && frame->first().ordinal != end()) {
            while (!frames_.empty()) drop_front();
        }
        frames_.push_back(frame);
        events_ += frame->event_count();
        bytes_ += frame->bytes().size();
    }
    while (frames_.size() > 1 && (events_ > events_max_ || bytes_ > bytes_max_)) drop_front();
}

bool LiveWindow::holds(std::uint64_t ordinal) const {
    return !frames_.empty() && frames_.front()->first().ordinal <= ordinal && ordinal < end();
}

Batch LiveWindow::take(std::uint64_t ordinal, std::uint64_t before,
                       const BatchLimits& limits) const {
    auto next = std::lower_bound(frames_.begin(), frames_.end(), ordinal,
                                 [](const store::FramePtr& frame, std::uint64_t wanted) {
                                     return frame->first().ordinal < wanted;
                                 });
    Batch batch;
    while (next != frames_.end() && (*next)->first().ordinal < before && batch.add(*next, limits)) {
        ++next;
    }
    return batch;
}

void LiveWindow::forget_before(std::uint64_t ordinal) {
    while (!frames_.empty() && frames_.front()->last().ordinal < ordinal) drop_front();
}

void LiveWindow::drop_front() {
    events_ -= frames_.front()->event_count();
    bytes_ -= frames_.front()->bytes().size();
    frames_.pop_front();
}

}  // namespace decklog::projections
