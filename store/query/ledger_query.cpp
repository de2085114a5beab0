#include "store/query/ledger_query.hpp"

#include <algorithm>
#include <iterator>

#include "store/frame/frame.hpp"
#include "store/query/merge_order.hpp"

namespace decklog::store {
namespace {

domain::Position position_of(const std::pair<FramePtr, std::uint32_t>& found) {
    return found.first->event(found.second).position();
}

PartitionTimes times_of(const EventPage& page) {
    PartitionTimes times;
    for (const auto& [frame, index] : page.events)
        times.recorded_at_us.push_back(frame->header().recorded_at_us);
    if (page.next) times.read_to_us = times.recorded_at_us.back();
    return times;
}

/// Behind everything that was looked at, so that the next page does not look again.
domain::Position passed(std::uint32_t partition, std::uint64_t next_ordinal, Order order) {
    return {partition, order == Order::ascending ? next_ordinal - 1 : 0};
}

/// The pages of several partitions as one.
class Merging {
  public:
    Merging(const LogReader& log, Order order, std::size_t limit, domain::Positions after)
        : log_(log), order_(order), limit_(limit) {
        page_.begin = std::move(after);
    }

    domain::Result<LedgerPage> run(std::span<const EventFilter> filters) && {
        for (const EventFilter& filter : filters) {
            if (auto read = read_partition(filter); !read) return tl::unexpected(read.error());
        }
        merge();
        return std::move(page_);
    }

  private:
    domain::Result<void> read_partition(EventFilter filter) {
        const auto partition = static_cast<std::uint32_t>(pages_.size());
        // Before the log is read: what comes in meanwhile is for a later page.
        heads_.push_back(log_.head(partition).next_ordinal);
        filter.after = domain::position_in(page_.begin, partition);
        if (!filter.after && order_ == Order::descending) {
            // What comes in between two pages is newer than the first, and not for the second.
            filter.after = domain::Position{partition, heads_.back()};
            domain::set_position(page_.begin, *filter.after);
        }
        auto found = find_events(log_, filter, order_, limit_);
        if (!found) return tl::unexpected(found.error());
        pages_.push_back(*std::move(found));
        return {};
    }

    void merge() {
        std::vector<PartitionTimes> times;
        std::transform(pages_.begin(), pages_.end(), std::back_inserter(times), times_of);
        std::vector<std::size_t> given(pages_.size());
        page_.end = page_.begin;
        for (const std::uint32_t partition : merge_order(times, order_)) {
            if (page_.events.size() == limit_) break;
            page_.events.push_back(pages_[partition].events[given[partition]++]);
            domain::set_position(page_.end, position_of(page_.events.back()));
        }
        for (std::uint32_t partition = 0; partition < pages_.size(); ++partition) {
            const bool is_through =
                given[partition] == pages_[partition].events.size() && !pages_[partition].next;
            if (is_through) pass(partition);
            page_.has_more = page_.has_more || !is_through;
        }
    }

    void pass(std::uint32_t partition) {
        if (heads_[partition] == 0) return;
        const domain::Position behind = passed(partition, heads_[partition], order_);
        const auto known = domain::position_in(page_.end, partition);
        const bool is_further =
            !known || (order_ == Order::ascending ? *known < behind : behind < *known);
        if (is_further) domain::set_position(page_.end, behind);
    }

    const LogReader& log_;
    const Order order_;
    const std::size_t limit_;
    std::vector<std::uint64_t> heads_;
    std::vector<EventPage> pages_;
    LedgerPage page_;
};

}  // namespace

domain::Positions LedgerPage::next_after(std::size_t count) const {
    if (count >= events.size()) return has_more ? end : domain::Positions{};
    domain::Positions next = begin;
    for (std::size_t i = 0; i < count; ++i) domain::set_position(next, position_of(events[i]));
    return next;
}

domain::Result<LedgerPage> find_in_ledger(const LogReader& log,
                                          std::span<const EventFilter> filters,
                                          const domain::Positions& after, Order order,
                                          std::size_t limit) {
    if (filters.size() > 1) return Merging(log, order, limit, after).run(filters);
    EventFilter filter = filters.front();
    filter.after = domain::position_in(after, 0);
    auto found = find_events(log, filter, order, limit);
    if (!found) return tl::unexpected(found.error());
    LedgerPage page;
    page.events = std::move(found->events);
    page.has_more = found->next.has_value();
    page.begin = after;
    if (found->next) page.end = {*found->next};
    return page;
}

}  // namespace decklog::store
