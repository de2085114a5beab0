// How a query finds its events. The narrowest index that the filter names is walked in log order,
// and every event it leads to is held against the whole filter (indexes are hashed, and other
// filters may apply). A filter by time alone has an index in another order; see find_in_window.
#include "store/query/event_query.hpp"

#include <algorithm>
#include <limits>

#include "store/frame/frame.hpp"
#include "store/query/event_index.hpp"
#include "store/query/index_merge.hpp"
#include "store/query/log_walk.hpp"
#include "store/query/time_window.hpp"

namespace decklog::store {
namespace {

// Looked at past a full page, to know whether there are more.
constexpr std::size_t kPeekEventsMax = 1'000;
// Read outside the window before its index is asked.
constexpr std::size_t kIdleEventsMax = 4'096;
// Taken from the time index in one pass.
constexpr std::size_t kWindowBatchMax = 16'384;

/// Fills a page; one more match past the limit says that there are more.
class PageFiller {
  public:
    PageFiller(const EventFilter& filter, std::size_t limit, std::size_t bytes_max)
        : filter_(filter), limit_(limit), bytes_max_(bytes_max) {}

    /// False: the page is done.
    bool offer(const FramePtr& frame, std::uint32_t index) {
        const bool full = page_.events.size() == limit_ || bytes_ >= bytes_max_;
        const bool match = matches(filter_, frame->event(index));
        if (match && !full) {
            const bool is_new = page_.events.empty() || page_.events.back().first != frame;
            if (is_new) bytes_ += frame->bytes().size();
            page_.events.emplace_back(frame, index);
            return true;
        }
        more_ = full && (match || ++peeked_ >= kPeekEventsMax);
        return !more_;
    }

    [[nodiscard]] EventPage take() {
        if (more_ && !page_.events.empty()) {
            const auto& [frame, index] = page_.events.back();
            page_.next = frame->event(index).position();
        }
        return std::move(page_);
    }

  private:
    const EventFilter& filter_;
    std::size_t limit_;
    std::size_t bytes_max_;
    std::size_t bytes_ = 0;  // of frames that the page holds
    std::size_t peeked_ = 0;
    bool more_ = false;
    EventPage page_;
};

bool is_empty_window(const EventFilter& filter) {
    constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
    return filter.until_us && *filter.until_us <= filter.since_us.value_or(kFirst);
}

/// What of the log may match at all. Events that come in from now on are not part of the answer.
Stretch stretch_of(const LogReader& log, const EventFilter& filter, Order order) {
    std::uint32_t partition = 0;
    for (const auto& place : {filter.to, filter.from, filter.after}) {
        if (place) partition = place->partition;
    }
    const std::uint64_t next = log.head(partition).next_ordinal;
    Stretch stretch{partition};
    if (next == 0 || is_empty_window(filter)) return stretch;
    const auto ordinal_or = [partition](const std::optional<domain::Position>& place,
                                        std::uint64_t otherwise) {
        if (!place) return otherwise;
        // Positions of other partitions lie wholly before or after this one.
        if (place->partition < partition) return std::uint64_t{0};
        return place->partition > partition ? otherwise : place->ordinal;
    };
    stretch.first = ordinal_or(filter.from, 0);
    stretch.last = std::min(ordinal_or(filter.to, next - 1), next - 1);
    if (!filter.after) return stretch;
    const std::uint64_t after = filter.after->ordinal;
    if (order == Order::ascending && after >= stretch.last) return Stretch{partition};
    if (order == Order::descending && after <= stretch.first) return Stretch{partition};
    if (stretch.contains(after)) stretch.pass(after, order);
    return stretch;
}

domain::Result<void> find_by_index(const LogReader& log, std::vector<IndexKey> keys,
                                   const Stretch& stretch, Order order, PageFiller& page) {
    IndexMerge merge(log, stretch.partition, std::move(keys), order, stretch.scan_after(order));
    FrameFinder frames(log);
    const EventVisit offer = [&page](const FramePtr& frame, std::uint32_t index) {
        return page.offer(frame, index);
    };
    while (true) {
        const auto position = merge.next();
        if (!position) return tl::unexpected(position.error());
        if (!*position || !stretch.contains((*position)->ordinal)) return {};
        const auto go_on = frames.visit_at(**position, offer);
        if (!go_on) return tl::unexpected(go_on.error());
        if (!*go_on) return {};
    }
}

domain::Result<void> find_in_log(const LogReader& log, const Stretch& stretch, Order order,
                                 PageFiller& page) {
    return walk(log, stretch, order, [&page](const FramePtr& frame, std::uint32_t index) {
        return page.offer(frame, index);
    });
}

/// Most events are recorded soon after they occurred, so a window is mostly one stretch of the log,
/// and reading on from inside it is the quickest. Where it is not (the stretch lies far off, or
/// late events are scattered), the time index tells where the window goes on, after a bounded
/// number of frames read in vain.
domain::Result<void> find_in_window(const LogReader& log, const EventFilter& filter,
                                    Stretch stretch, Order order, PageFiller& page) {
    FrameFinder frames(log);
    bool done = false;
    while (!done && !stretch.empty()) {
        std::size_t idle = 0;
        const auto walked =
            walk(log, stretch, order, [&](const FramePtr& frame, std::uint32_t index) {
                const domain::EventView event = frame->event(index);
                const std::int64_t at = event.occurred_at_us();
                const bool inside = (!filter.since_us || *filter.since_us <= at) &&
                                    (!filter.until_us || at < *filter.until_us);
                idle = inside ? 0 : idle + 1;
                stretch.pass(event.position().ordinal, order);
                done = !page.offer(frame, index);
                return !done && idle < kIdleEventsMax;
            });
        if (!walked || done || stretch.empty()) return walked;
        const auto ordinals = next_in_window(log, filter, stretch, order, kWindowBatchMax);
        if (!ordinals) return tl::unexpected(ordinals.error());
        for (const std::uint64_t ordinal : *ordinals) {
            const auto go_on = frames.visit_at({stretch.partition, ordinal},
                                               [&page](const FramePtr& frame, std::uint32_t index) {
                                                   return page.offer(frame, index);
                                               });
            if (!go_on) return tl::unexpected(go_on.error());
            if (!*go_on) return {};
            stretch.pass(ordinal, order);
        }
        done = ordinals->size() < kWindowBatchMax;
    }
    return {};
}

}  // namespace

domain::Result<EventPage> find_events(const LogReader& log, const EventFilter& filter, Order order,
                                      std::size_t limit, std::size_t bytes_max) {
    PageFiller page(filter, limit, bytes_max);
    const Stretch stretch = stretch_of(log, filter, order);
    if (limit == 0 || stretch.empty()) return page.take();
    auto keys = index_keys(filter);
    domain::Result<void> found;
    if (!keys.empty()) {
        found = find_by_index(log, std::move(keys), stretch, order, page);
    } else if (filter.since_us || filter.until_us) {
        found = find_in_window(log, filter, stretch, order, page);
    } else {
        found = find_in_log(log, stretch, order, page);
    }
    if (!found) return tl::unexpected(found.error());
    return page.take();
}

}  // namespace decklog::store
