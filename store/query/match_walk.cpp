#include "store/query/match_walk.hpp"

#include <algorithm>

#include "store/frame/frame.hpp"

namespace decklog::store {
namespace {

constexpr std::uint64_t kStretchEvents = 65'536;  // looked at between two pauses
constexpr std::size_t kPageEvents = 1'000;
constexpr std::uint64_t kPauseEveryEvents = 4'096;  // when reading straight through

domain::Result<bool> read_through(const LogReader& log, domain::Position end,
                                  const EventVisit& visit, const WalkPause& pause) {
    bool going = true;
    std::uint64_t next_pause = kPauseEveryEvents;
    const auto read = log.read({end.partition, 0}, [&](const FramePtr& frame) {
        if (frame->first().ordinal >= end.ordinal) return false;
        for (std::uint32_t i = 0; going && i < frame->event_count(); ++i) going = visit(frame, i);
        const std::uint64_t next = frame->last().ordinal + 1;
        if (going && next >= next_pause) {
            going = pause(next);
            next_pause = next + kPauseEveryEvents;
        }
        return going && next < end.ordinal;
    });
    if (!read) return tl::unexpected(read.error());
    return going;
}

/// The matches of one stretch, page by page.
domain::Result<bool> visit_pages(const LogReader& log, EventFilter filter,
                                 const EventVisit& visit) {
    while (true) {
        const auto page = find_events(log, filter, Order::ascending, kPageEvents);
        if (!page) return tl::unexpected(page.error());
        for (const auto& [frame, index] : page->events) {
            if (!visit(frame, index)) return false;
        }
        if (!page->next) return true;
        filter.after = page->next;
    }
}

}  // namespace

bool is_everything(const EventFilter& filter) {
    const std::vector<std::string>* lists[] = {
        &filter.types,    &filter.actions,     &filter.streams,  &filter.conversations,
        &filter.actors,   &filter.platforms,   &filter.accounts, &filter.cohorts,
        &filter.releases, &filter.correlations};
    return std::all_of(std::begin(lists), std::end(lists),
                       [](const auto* list) { return list->empty(); }) &&
           filter.workspace.empty() && !filter.from && !filter.to && !filter.after &&
           !filter.since_us && !filter.until_us;
}

domain::Result<bool> walk_matches(const LogReader& log, const EventFilter& filter,
                                  domain::Position end, const EventVisit& visit,
                                  const WalkPause& pause) {
    if (is_everything(filter)) return read_through(log, end, visit, pause);
    domain::Position next{end.partition, 0};
    if (filter.from) next = std::max(next, *filter.from);
    if (filter.to)
        end = std::min(end, domain::Position{filter.to->partition, filter.to->ordinal + 1});
    EventFilter stretch = filter;
    while (next.partition == end.partition && next < end) {
        const std::uint64_t last =
            std::min(end.ordinal - next.ordinal, kStretchEvents) + next.ordinal - 1;
        stretch.from = next;
        stretch.to = domain::Position{next.partition, last};
        const auto going = visit_pages(log, stretch, visit);
        if (!going || !*going) return going;
        next.ordinal = last + 1;
        if (next < end && !pause(next.ordinal)) return false;
    }
    return true;
}

}  // namespace decklog::store
