#include "api/live/live_stretch.hpp"

#include <algorithm>

#include "api/app.hpp"
#include "api/queries/limits.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

void add(LiveStretch& stretch, LiveStretch::Found found) {
    stretch.times.recorded_at_us.push_back(found.in().header().recorded_at_us);
    stretch.events.push_back(std::move(found));
}

void take_news(LiveStretch& stretch, const std::vector<LiveFramePtr>& frames,
               const store::EventFilter& filter, std::uint64_t next) {
    for (const LiveFramePtr& frame : frames) {
        const std::uint64_t first = frame->frame().first().ordinal;
        for (; next <= frame->frame().last().ordinal; ++next) {
            const std::size_t index = next - first;
            if (store::matches(filter, frame->frame().event(index)))
                add(stretch, {nullptr, frame, index});
        }
    }
    stretch.read_to = next;
}

domain::Result<void> take_log(LiveStretch& stretch, const store::LogReader& log,
                              store::EventFilter filter, domain::Position place,
                              std::uint64_t head) {
    const std::uint64_t end = std::min(head, place.ordinal + limits::kLiveScanEvents);
    if (place.ordinal > 0) filter.after = domain::Position{place.partition, place.ordinal - 1};
    const domain::Position last{place.partition, end - 1};
    filter.to = filter.to ? std::min(*filter.to, last) : last;
    const auto page = store::find_events(log, filter, store::Order::ascending,
                                         limits::kLivePieceEvents, limits::kLivePieceBytes);
    if (!page) return tl::unexpected(page.error());
    for (const auto& [frame, index] : page->events) add(stretch, {frame, nullptr, index});
    stretch.read_to = page->next ? page->next->ordinal + 1 : end;
    return {};
}

/// Behind the stretch nothing is older than the last event in it.
domain::Result<void> note_end(LiveStretch& stretch, const store::LogReader& log,
                              std::uint32_t partition, std::uint64_t head) {
    if (stretch.read_to >= head) return {};
    const auto last = log.frame_at({partition, stretch.read_to - 1});
    if (!last) return tl::unexpected(last.error());
    stretch.times.read_to_us = (*last)->header().recorded_at_us;
    return {};
}

}  // namespace

std::string LiveStretch::Found::text(const Core& core, bool opens_sealed) const {
    const std::string_view shared = news ? news->text(core, index) : std::string_view();
    return shared.empty() ? live_text(core, event(), opens_sealed) : std::string(shared);
}

domain::Result<LiveStretch> read_live_stretch(const Core& core, const LiveNews& news,
                                              const store::EventFilter& filter,
                                              domain::Position place) {
    const store::LogReader& log = *core.ledger;
    LiveStretch stretch;
    stretch.read_to = place.ordinal;
    const std::uint64_t head = log.head(place.partition).next_ordinal;
    if (place.ordinal >= head) return stretch;
    const auto frames = news.from(place, limits::kLivePieceEvents);
    if (!frames.empty()) {
        take_news(stretch, frames, filter, place.ordinal);
    } else if (auto taken = take_log(stretch, log, filter, place, head); !taken) {
        return tl::unexpected(taken.error());
    }
    // Alone it has nobody to wait for it.
    if (log.partitions() > 1) {
        if (auto noted = note_end(stretch, log, place.partition, head); !noted)
            return tl::unexpected(noted.error());
    }
    return stretch;
}

}  // namespace decklog::api
