// Pages over several partitions against a plain sort of all events: nothing twice, nothing missed,
// in both directions, with filters, bounds of one partition, and a log that grows between pages.
#include "store/query/ledger_query.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <tuple>

#include "store/frame/frame.hpp"
#include "store/query/merge_order.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::store::ledger_query_test {
namespace {

using domain::Position;
using domain::Positions;

class TickingClock final : public Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const override { return 1'000'000 + passed_us_; }
    [[nodiscard]] std::int64_t boot_us() const override { return passed_us_; }
    void pass(std::int64_t us) { passed_us_ += us; }

  private:
    std::atomic<std::int64_t> passed_us_{0};
};

/// A ledger of three partitions; commits come at equal and at different times.
class Log {
  public:
    static constexpr std::uint32_t kPartitions = 3;
    Log() {
        LedgerOptions options;
        options.partitions = kPartitions;
        options.clock = &clock_;
        options.disk_free_bytes_min = 0;
        ledger_ = make_memory_ledger(options);
    }
    void commit(std::uint32_t partition, std::vector<std::string> platforms) {
        Submission submission;
        submission.intent.command = "test";
        submission.intent.home = {"default", "room/a"};
        submission.intent.decide = [=](domain::Histories) -> domain::Decision<domain::Events> {
            domain::Events events;
            for (const std::string& platform : platforms) {
                domain::NewEvent event;
                event.type = domain::EventType::message_received;
                event.stream = "room/a";
                event.occurred_at_us = 1'000;
                event.recorded_by = "test";
                event.platform = platform;
                event.payload = domain::Bytes{1};
                events.push_back(std::move(event));
            }
            return events;
        };
        std::vector<Submission> submissions;
        submissions.push_back(std::move(submission));
        ASSERT_TRUE(submit_and_wait(*ledger_, partition, std::move(submissions)).front());
    }
    void draw(std::size_t commits) {
        for (std::size_t i = 0; i < commits; ++i) {
            if (*rc::gen::inRange(0, 2) == 0) clock_.pass(1);
            const auto platforms = *rc::gen::container<std::vector<std::string>>(
                *rc::gen::inRange<std::size_t>(1, 4),
                rc::gen::elementOf(std::vector<std::string>{"telegram", "slack", "discord"}));
            // One partition has most, so that others end before it.
            commit(*rc::gen::elementOf(std::vector<std::uint32_t>{0, 1, 1, 1, 2}), platforms);
        }
    }
    [[nodiscard]] const Ledger& ledger() const { return *ledger_; }
    TickingClock& clock() { return clock_; }

  private:
    TickingClock clock_;
    std::unique_ptr<Ledger> ledger_;
};

std::vector<EventFilter> filters_of(const EventFilter& common) {
    std::vector<EventFilter> filters(Log::kPartitions, common);
    for (std::uint32_t partition = 1; partition < Log::kPartitions; ++partition)
        filters[partition].from = Position{partition, 0};
    return filters;
}

std::vector<Position> naive(const Log& log, const std::vector<EventFilter>& filters, Order order) {
    std::vector<std::tuple<std::int64_t, Position>> all;
    for (std::uint32_t partition = 0; partition < Log::kPartitions; ++partition) {
        EXPECT_TRUE(log.ledger().read({partition, 0}, [&](const FramePtr& frame) {
            for (std::size_t i = 0; i < frame->event_count(); ++i) {
                if (matches(filters[partition], frame->event(i)))
                    all.emplace_back(frame->header().recorded_at_us, frame->event(i).position());
            }
            return true;
        }));
    }
    std::sort(all.begin(), all.end());
    if (order == Order::descending) std::reverse(all.begin(), all.end());
    std::vector<Position> positions;
    for (const auto& [time, position] : all) positions.push_back(position);
    return positions;
}

std::vector<Position> positions_of(const LedgerPage& page, std::size_t count) {
    std::vector<Position> positions;
    for (std::size_t i = 0; i < std::min(count, page.events.size()); ++i)
        positions.push_back(page.events[i].first->event(page.events[i].second).position());
    return positions;
}

/// All pages; each is given only up to `cut` events. `between` comes after each.
template <class Between>
std::vector<Position> paged(const Log& log, const std::vector<EventFilter>& filters, Order order,
                            std::size_t limit, std::size_t cut, const Between& between) {
    std::vector<Position> all;
    Positions place;
    while (true) {
        const auto page = find_in_ledger(log.ledger(), filters, place, order, limit).value();
        const auto given = positions_of(page, cut);
        EXPECT_LE(page.events.size(), limit);
        all.insert(all.end(), given.begin(), given.end());
        place = page.next_after(cut);
        if (place.empty()) return all;
        between();
    }
}

EventFilter some_filter() {
    EventFilter filter;
    switch (*rc::gen::inRange(0, 4)) {
        case 0:
            filter.platforms = {"slack"};
            break;
        case 1:
            filter.types = {"message_received"};
            break;
        case 2:
            filter.streams = {"room/a"};
            filter.platforms = {"telegram", "discord"};
            break;
        default:
            break;
    }
    return filter;
}

RC_GTEST_PROP(LedgerQuery, PagesAreOneSortOfAllPartitions, ()) {
    Log log;
    log.draw(*rc::gen::inRange<std::size_t>(0, 40));
    const auto filters = filters_of(some_filter());
    const Order order = *rc::gen::element(Order::ascending, Order::descending);
    const auto limit = *rc::gen::inRange<std::size_t>(1, 12);
    const auto cut = *rc::gen::inRange<std::size_t>(1, limit + 1);
    RC_ASSERT(paged(log, filters, order, limit, cut, [] {}) == naive(log, filters, order));
}

RC_GTEST_PROP(LedgerQuery, HoldsABoundOfOnePartitionForThatOneAlone, ()) {
    Log log;
    log.draw(*rc::gen::inRange<std::size_t>(1, 40));
    auto filters = filters_of(some_filter());
    const auto bounded = *rc::gen::inRange<std::uint32_t>(0, Log::kPartitions);
    const std::uint64_t head = log.ledger().head(bounded).next_ordinal;
    filters[bounded].from = Position{bounded, *rc::gen::inRange<std::uint64_t>(0, head)};
    filters[bounded].to = Position{bounded, *rc::gen::inRange<std::uint64_t>(0, head)};
    const Order order = *rc::gen::element(Order::ascending, Order::descending);
    const auto limit = *rc::gen::inRange<std::size_t>(1, 12);
    RC_ASSERT(paged(log, filters, order, limit, limit, [] {}) == naive(log, filters, order));
}

RC_GTEST_PROP(LedgerQuery, MissesNothingAndRepeatsNothingWhileTheLogGrows, ()) {
    Log log;
    log.draw(*rc::gen::inRange<std::size_t>(1, 20));
    const auto filters = filters_of(some_filter());
    const auto limit = *rc::gen::inRange<std::size_t>(1, 8);
    const auto before = naive(log, filters, Order::descending);
    std::size_t left = 10;
    const auto grow = [&] {
        if (left == 0) return;
        --left;
        log.draw(1);
    };
    RC_ASSERT(paged(log, filters, Order::descending, limit, limit, grow) == before);
    left = 10;
    auto ascending = paged(log, filters, Order::ascending, limit, limit, grow);
    // What came in behind the last page is for the next one.
    const auto all = naive(log, filters, Order::ascending);
    RC_ASSERT(ascending.size() <= all.size());
    std::sort(ascending.begin(), ascending.end());
    RC_ASSERT(std::adjacent_find(ascending.begin(), ascending.end()) == ascending.end());
    for (const Position& position : before)
        RC_ASSERT(std::binary_search(ascending.begin(), ascending.end(), position));
}

TEST(LedgerQuery, GoesOnFromAListOfPlacesAndReadsWholeWhatItLeavesOut) {
    Log log;
    log.commit(0, {"a", "a"});
    log.clock().pass(5);
    log.commit(1, {"b"});
    const auto filters = filters_of({});
    const auto page =
        find_in_ledger(log.ledger(), filters, {{0, 1}, {2, 0}}, Order::ascending, 10).value();
    EXPECT_EQ(positions_of(page, 10), (std::vector<Position>{{1, 0}, {0, 2}, {1, 1}}));
    EXPECT_FALSE(page.has_more);
    EXPECT_TRUE(page.next_after(10).empty());
    EXPECT_EQ(page.next_after(2), (Positions{{0, 2}, {1, 0}, {2, 0}}));
}

TEST(MergeOrder, WaitsForAPartitionThatMayHaveMore) {
    const std::vector<PartitionTimes> times{{{10, 20, 30}, {}}, {{15}, 20}, {{}, 40}};
    EXPECT_EQ(merge_order(times, Order::ascending), (std::vector<std::uint32_t>{0, 1, 0}))
        << "the second may have more at 20, which comes after the first's";
    const std::vector<PartitionTimes> back{{{30, 20, 10}, {}}, {{25}, 20}};
    EXPECT_EQ(merge_order(back, Order::descending), (std::vector<std::uint32_t>{0, 1}))
        << "newest first, it comes before";
}

}  // namespace
}  // namespace decklog::store::ledger_query_test
