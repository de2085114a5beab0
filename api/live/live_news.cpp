#include "api/live/live_news.hpp"

#include <algorithm>

#include "api/answers.hpp"
#include "api/event_json.hpp"
#include "api/queries/limits.hpp"

namespace decklog::api {

std::string live_text(const Core& core, const domain::EventView& event, bool opens_sealed) {
    const Opener opener(*core.vault, opens_sealed);
    return "id: " + cursor_of(core, event.position()) +
           "\ndata: " + event_json(event, core.ledger->ledger_id(), opener) + "\n\n";
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
    for (const store::FramePtr& frame : frames) {
        // Frames that came while nobody read are not here; what is before such a gap is of no use.
        const bool is_next = !frames_.empty() &&
                             frames_.back()->frame().last().ordinal + 1 == frame->first().ordinal;
        while (!is_next && !frames_.empty()) drop_front();
        frames_.push_back(std::make_shared<const LiveFrame>(frame));
        events_ += frame->event_count();
        bytes_ += frame->bytes().size();
    }
    while (frames_.size() > 1 &&
           (events_ > limits::kLiveNewsEvents || bytes_ > limits::kLiveNewsBytes))
        drop_front();
}

void LiveNews::clear() {
    const std::lock_guard lock(mutex_);
    while (!frames_.empty()) drop_front();
}

std::vector<LiveFramePtr> LiveNews::from(std::uint64_t ordinal, std::size_t events_max) const {
    std::vector<LiveFramePtr> found;
    const std::lock_guard lock(mutex_);
    if (frames_.empty() || ordinal < frames_.front()->frame().first().ordinal) return found;
    auto next = std::lower_bound(frames_.begin(), frames_.end(), ordinal,
                                 [](const LiveFramePtr& each, std::uint64_t wanted) {
                                     return each->frame().last().ordinal < wanted;
                                 });
    for (std::size_t events = 0; next != frames_.end() && events < events_max; ++next) {
        events += (*next)->frame().event_count();
        found.push_back(*next);
    }
    return found;
}

void LiveNews::drop_front() {
    events_ -= frames_.front()->frame().event_count();
    bytes_ -= frames_.front()->frame().bytes().size();
    frames_.pop_front();
}

}  // namespace decklog::api
