#include "api/live/live_news.hpp"

#include <algorithm>

#include "api/app.hpp"
#include "api/event_json.hpp"
#include "api/queries/limits.hpp"

namespace decklog::api {

std::string live_text(const Core& core, const domain::EventView& event, bool opens_sealed) {
    const Opener opener(*core.vault, opens_sealed);
    return "data: " + event_json(event, core.ledger->ledger_id(), opener) + "\n\n";
}

std::string_view LiveFrame::text(const Core& core, std::size_t index) const {
    std::call_once(rendered_, [this, &core] {
        for (std::size_t i = 0; i < frame_->event_count(); ++i) {
            const domain::EventView event = frame_->event(i);
            texts_.push_back(event.sealed_size() == 0 ? live_text(core, event, false)
                                                      : std::string());
        }
    });
    return texts_[index];
}

void LiveNews::push(std::span<const store::FramePtr> frames) {
    const std::lock_guard lock(mutex_);
    Window& window = partitions_[frames.front()->first().partition];
    for (const store::FramePtr& frame : frames) window.push(frame);
    while (window.frames.size() > 1 &&
           (window.events > limits::kLiveNewsEvents || window.bytes > limits::kLiveNewsBytes))
        window.drop_front();
}

void LiveNews::clear() {
    const std::lock_guard lock(mutex_);
    for (Window& window : partitions_) window = {};
}

std::vector<LiveFramePtr> LiveNews::from(domain::Position place, std::size_t events_max) const {
    std::vector<LiveFramePtr> found;
    const std::lock_guard lock(mutex_);
    const auto& frames = partitions_[place.partition].frames;
    if (frames.empty() || place.ordinal < frames.front()->frame().first().ordinal) return found;
    auto next = std::lower_bound(frames.begin(), frames.end(), place.ordinal,
                                 [](const LiveFramePtr& each, std::uint64_t wanted) {
                                     return each->frame().last().ordinal < wanted;
                                 });
    for (std::size_t events = 0; next != frames.end() && events < events_max; ++next) {
        events += (*next)->frame().event_count();
        found.push_back(*next);
    }
    return found;
}

void LiveNews::Window::push(const store::FramePtr& frame) {
    // Frames that came while nobody read are not here; what is before such a gap is of no use.
    const bool is_next =
        !frames.empty() && frames.back()->frame().last().ordinal + 1 == frame->first().ordinal;
    while (!is_next && !frames.empty()) drop_front();
    frames.push_back(std::make_shared<const LiveFrame>(frame));
    events += frame->event_count();
    bytes += frame->bytes().size();
}

void LiveNews::Window::drop_front() {
    events -= frames.front()->frame().event_count();
    bytes -= frames.front()->frame().bytes().size();
    frames.pop_front();
}

}  // namespace decklog::api
