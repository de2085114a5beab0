// How a query finds its events. The narrowest index that the filter names is walked in log order,
// and every event it leads to is held against the whole filter (indexes are hashed, and other
// filters may apply). Order of choice: stream, correlation, conversation, action, type. A filter by
// time alone has an index in another order; see find_in_window.
#include "store/event_query.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <queue>
#include <set>

#include "domain/registry.hpp"
#include "store/frame.hpp"
#include "store/index_merge.hpp"
#include "store/log_walk.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kPeekEventsMax =
    1'000;  // looked at past a full page, to know whether there are more
constexpr std::size_t kIdleEventsMax = 4'096;  // read outside the window before its index is asked
constexpr std::size_t kWindowBatchMax = 16'384;  // positions taken from the time index in one pass

/// Fills a page; one more match past the limit says that there are more.
class PageFiller {
  public:
    PageFiller(const EventFilter& filter, std::size_t limit) : filter_(filter), limit_(limit) {}

    /// False: the page is done.
    bool offer(const FramePtr& frame, std::uint32_t index) {
        const bool full = page_.events.size() == limit_;
        const bool match = matches(filter_, frame->event(index));
        if (match && !full) {
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

// ---- choosing an index
// -----------------------------------------------------------------------------------------------

using Values = std::vector<std::string>;

/// Empty values are not in the indexes, and `unknown` may mean one.
bool is_indexed(const Values& values) {
    return !values.empty() &&
           std::none_of(values.begin(), values.end(), [](const std::string& value) {
               return value.empty() || value == "unknown";
           });
}

std::vector<IndexKey> text_keys(IndexKey::Kind kind, const Values& values) {
    std::vector<IndexKey> keys;
    for (const std::string& value : std::set<std::string>(values.begin(), values.end())) {
        keys.push_back(IndexKey{kind, value});
    }
    return keys;
}

std::vector<IndexKey> stream_keys(const EventFilter& filter) {
    const Values workspaces =
        filter.workspace.empty() ? filter.stream_workspaces : Values{filter.workspace};
    std::vector<IndexKey> keys;
    for (const std::string& workspace : workspaces) {
        for (IndexKey& key : text_keys(IndexKey::Kind::stream, filter.streams)) {
            key.workspace = workspace;
            keys.push_back(std::move(key));
        }
    }
    return keys;
}

/// `unknown:0x0399`, as type_name writes types of newer releases.
std::optional<std::uint32_t> unknown_type(std::string_view name) {
    constexpr std::string_view kPrefix = "unknown:0x";
    if (!name.starts_with(kPrefix)) return std::nullopt;
    name.remove_prefix(kPrefix.size());
    std::uint32_t type = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), type, 16);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return type;
}

std::vector<IndexKey> type_keys(const Values& names) {
    std::set<std::uint32_t> types;
    for (const std::string& name : names) {
        if (const auto* info = domain::find_type_by_name(name)) {
            types.insert(static_cast<std::uint32_t>(info->type));
        } else {
            // Not a type of ours: the CloudEvents type of an external event.
            constexpr auto kExternal = domain::EventType::external_event_recorded;
            types.insert(unknown_type(name).value_or(static_cast<std::uint32_t>(kExternal)));
        }
    }
    std::vector<IndexKey> keys;
    for (const std::uint32_t type : types) {
        IndexKey key{IndexKey::Kind::type};
        key.type = type;
        keys.push_back(std::move(key));
    }
    return keys;
}

/// Empty: no index in log order fits.
std::vector<IndexKey> index_keys(const EventFilter& filter) {
    using Kind = IndexKey::Kind;
    if (is_indexed(filter.streams)) return stream_keys(filter);
    if (is_indexed(filter.correlations)) return text_keys(Kind::correlation, filter.correlations);
    if (is_indexed(filter.conversations))
        return text_keys(Kind::conversation, filter.conversations);
    if (is_indexed(filter.actions)) return text_keys(Kind::action, filter.actions);
    if (is_indexed(filter.types)) return type_keys(filter.types);
    return {};
}

// ---- three ways to walk
// ----------------------------------------------------------------------------------------------

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

/// The events of the time window that come next in `stretch`, at most kWindowBatchMax of them, in
/// scan order: one pass over the window's index rows, which are in order of occurred_at.
domain::Result<std::vector<std::uint64_t>> next_in_window(const LogReader& log,
                                                          const EventFilter& filter,
                                                          const Stretch& stretch, Order order) {
    // In scan order; the heap's top is what comes last and is the first to make room.
    const auto comes_first = [order](std::uint64_t a, std::uint64_t b) {
        return order == Order::ascending ? a < b : b < a;
    };
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, decltype(comes_first)> nearest(
        comes_first);
    IndexKey key{IndexKey::Kind::time};
    key.since_us = filter.since_us;
    key.until_us = filter.until_us;
    const auto scanned = log.scan(stretch.partition, key, Order::ascending, std::nullopt,
                                  [&](domain::Position position) {
                                      if (!stretch.contains(position.ordinal)) return true;
                                      nearest.push(position.ordinal);
                                      if (nearest.size() > kWindowBatchMax) nearest.pop();
                                      return true;
                                  });
    if (!scanned) return tl::unexpected(scanned.error());
    std::vector<std::uint64_t> ordinals(nearest.size());
    for (std::size_t i = ordinals.size(); i-- > 0; nearest.pop()) ordinals[i] = nearest.top();
    return ordinals;
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
        const auto ordinals = next_in_window(log, filter, stretch, order);
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
                                      std::size_t limit) {
    PageFiller page(filter, limit);
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
