#include "store/query/event_query.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "domain/fact.hpp"
#include "store/frame/frame.hpp"
#include "store/query/index_merge.hpp"
#include "store/query/log_walk.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::store::event_query_test {
namespace {

using domain::EventType;
using domain::NewEvent;
using domain::Position;
using Positions = std::vector<std::uint64_t>;

// ---- logs ----

NewEvent some_event() {
    NewEvent event;
    event.type = EventType::message_received;
    event.stream = "room/telegram/default/-1";
    event.occurred_at_us = 1'000;
    event.recorded_by = "test";
    event.payload = domain::Bytes{1};
    return event;
}

/// One commit of these events.
Submission commit_of(std::vector<NewEvent> events) {
    Submission submission;
    submission.intent.command = "test";
    submission.intent.home = {events[0].workspace, events[0].stream};
    submission.intent.decide = [events](domain::Histories) -> domain::Decision<domain::Events> {
        return events;
    };
    return submission;
}

std::unique_ptr<Ledger> ledger_of(const std::vector<std::vector<NewEvent>>& commits) {
    LedgerOptions options;
    options.queue_max = 1'000'000;
    auto ledger = make_memory_ledger(options);
    std::vector<Submission> submissions;
    for (const auto& events : commits) submissions.push_back(commit_of(events));
    for (const Answer& answer : submit_and_wait(*ledger, 0, std::move(submissions)))
        EXPECT_TRUE(answer);
    return ledger;
}

/// Tells how much of the log a query touched.
class CountingLog final : public LogReader {
  public:
    explicit CountingLog(const LogReader& log) : log_(log) {}
    [[nodiscard]] domain::LedgerId ledger_id() const override { return log_.ledger_id(); }
    [[nodiscard]] Head head(std::uint32_t partition) const override { return log_.head(partition); }
    domain::Result<void> read(Position from, const FrameSink& sink) const override {
        return log_.read(from, [&](const FramePtr& frame) { return ++frames, sink(frame); });
    }
    [[nodiscard]] domain::Result<FramePtr> frame_at(Position position) const override {
        ++frames;
        return log_.frame_at(position);
    }
    [[nodiscard]] domain::Result<domain::Bytes32> chain_before(Position position) const override {
        return log_.chain_before(position);
    }
    domain::Result<void> scan(std::uint32_t partition, const IndexKey& key, Order order,
                              std::optional<Position> after,
                              const PositionSink& sink) const override {
        return log_.scan(partition, key, order, after,
                         [&](Position position) { return ++rows, sink(position); });
    }
    [[nodiscard]] domain::Result<std::uint64_t> stream_version(
        const domain::StreamRef& stream) const override {
        return log_.stream_version(stream);
    }
    [[nodiscard]] domain::Result<domain::Bytes> raw_body(const domain::RawRef& ref) const override {
        return log_.raw_body(ref);
    }
    [[nodiscard]] std::unique_ptr<Subscription> on_durable(Listener) override { return nullptr; }

    mutable std::size_t frames = 0, rows = 0;

  private:
    const LogReader& log_;
};

Positions positions_of(const EventPage& page) {
    Positions positions;
    for (const auto& [frame, index] : page.events)
        positions.push_back(frame->event(index).position().ordinal);
    return positions;
}

/// The whole log, event by event, without any plan.
Positions naive(const LogReader& log, const EventFilter& filter, Order order) {
    Positions positions;
    EXPECT_TRUE(log.read({0, 0}, [&](const FramePtr& frame) {
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const domain::EventView event = frame->event(i);
            const bool passed =
                !filter.after || (order == Order::ascending ? *filter.after < event.position()
                                                            : event.position() < *filter.after);
            if (passed && matches(filter, event)) positions.push_back(event.position().ordinal);
        }
        return true;
    }));
    if (order == Order::descending) std::reverse(positions.begin(), positions.end());
    return positions;
}

/// All pages, one after the other.
Positions paged(const LogReader& log, EventFilter filter, Order order, std::size_t limit) {
    Positions all;
    while (true) {
        const auto page = find_events(log, filter, order, limit);
        EXPECT_TRUE(page) << page.error().context;
        const Positions positions = positions_of(*page);
        EXPECT_LE(positions.size(), limit);
        all.insert(all.end(), positions.begin(), positions.end());
        if (!page->next) return all;
        EXPECT_EQ(positions.size(), limit);
        EXPECT_EQ(page->next->ordinal, positions.back());
        filter.after = page->next;
    }
}

// ---- against a plain pass over random logs ----

rc::Gen<std::string> word_of(const std::string& kind, int count) {
    return rc::gen::map(rc::gen::inRange(0, count),
                        [kind](int i) { return kind + std::to_string(i); });
}
/// Sometimes none.
rc::Gen<std::string> maybe_word(const std::string& kind, int count) {
    return rc::gen::weightedOneOf<std::string>(
        {{1, rc::gen::just(std::string())}, {4, word_of(kind, count)}});
}

NewEvent random_event() {
    NewEvent event = some_event();
    event.type =
        *rc::gen::element(EventType::message_received, EventType::token_created,
                          EventType::audit_action_recorded, EventType::external_event_recorded);
    if (event.type == EventType::audit_action_recorded) event.action = *word_of("action_", 3);
    if (event.type == EventType::external_event_recorded)
        event.external_type = *word_of("com.example.", 2);
    event.workspace = *rc::gen::element<std::string>("default", "other");
    event.stream = *word_of("room/", 4);
    event.conversation = *maybe_word("c", 3);
    event.correlation_id = *maybe_word("trip-", 3);
    event.platform = *maybe_word("p", 2);
    event.account = *word_of("a", 2);
    event.actor.id = *maybe_word("agent", 2);
    event.release = *maybe_word("r", 2);
    event.cohort = *rc::gen::element(domain::Cohort::none, domain::Cohort::canary);
    event.occurred_at_us = *rc::gen::inRange(0, 40);
    return event;
}

std::vector<std::string> random_values(const rc::Gen<std::string>& values) {
    if (*rc::gen::inRange(0, 4) != 0) return {};
    const auto count = static_cast<std::size_t>(*rc::gen::inRange(1, 4));
    return *rc::gen::container<std::vector<std::string>>(count, values);
}

std::optional<Position> random_place(std::uint64_t size) {
    if (*rc::gen::inRange(0, 3) != 0) return std::nullopt;
    return Position{0,
                    static_cast<std::uint64_t>(*rc::gen::inRange(0, static_cast<int>(size) + 3))};
}

std::optional<std::int64_t> random_time() {
    if (*rc::gen::inRange(0, 3) != 0) return std::nullopt;
    return *rc::gen::inRange(-2, 45);
}

EventFilter random_filter(std::uint64_t size) {
    EventFilter filter;
    filter.types = random_values(rc::gen::element<std::string>(
        "MessageReceived", "TokenCreated", "AuditActionRecorded", "com.example.0", "com.example.1",
        "ExternalEventRecorded", "unknown:0x0399", "nonsense"));
    filter.actions = random_values(rc::gen::element<std::string>(
        "action_0", "action_1", "token_created", "message_received", "none_such"));
    filter.streams = random_values(word_of("room/", 5));
    filter.conversations =
        random_values(rc::gen::element<std::string>("c0", "c1", "c9", "unknown", ""));
    filter.correlations = random_values(word_of("trip-", 4));
    filter.platforms = random_values(rc::gen::element<std::string>("p0", "p1", "unknown"));
    filter.actors = random_values(rc::gen::element<std::string>("agent0", "agent1", "unknown"));
    filter.accounts = random_values(word_of("a", 3));
    filter.releases = random_values(word_of("r", 3));
    filter.cohorts = random_values(rc::gen::element<std::string>("canary", "none", "full"));
    filter.workspace = *rc::gen::element<std::string>("", "", "default", "other");
    if (*rc::gen::arbitrary<bool>()) filter.stream_workspaces = {"default", "other"};
    filter.from = random_place(size);
    filter.to = random_place(size);
    filter.after = random_place(size);
    filter.since_us = random_time();
    filter.until_us = random_time();
    return filter;
}

RC_GTEST_PROP(FindEvents, EqualsAPlainPassOverTheLogPageByPage, ()) {
    std::vector<std::vector<NewEvent>> commits;
    std::uint64_t size = 1;
    for (int i = *rc::gen::inRange(0, 40); i > 0; --i) {
        std::vector<NewEvent> events;
        for (int e = *rc::gen::inRange(1, 5); e > 0; --e) events.push_back(random_event());
        size += events.size();
        commits.push_back(std::move(events));
    }
    const auto ledger = ledger_of(commits);
    RC_ASSERT(ledger->head(0).next_ordinal == size);
    for (int query = 0; query < 12; ++query) {
        const EventFilter filter = random_filter(size);
        const auto limit = static_cast<std::size_t>(*rc::gen::inRange(1, 30));
        for (const Order order : {Order::ascending, Order::descending}) {
            RC_ASSERT(paged(*ledger, filter, order, limit) == naive(*ledger, filter, order));
        }
    }
}

// ---- what it reads ----

/// 12,000 events, one a commit: a rare room, a rare action and a rare correlation at positions 100
/// and 9,000.
class LongLog : public testing::Test {
  protected:
    static constexpr std::uint64_t kEvents = 12'000;

    static void SetUpTestSuite() {
        std::vector<std::vector<NewEvent>> commits;
        for (std::uint64_t i = 1; i < kEvents; ++i) {
            NewEvent event = some_event();
            event.occurred_at_us = static_cast<std::int64_t>(i);
            event.conversation = "busy";
            if (i == 100 || i == 9'000) {
                event.type = EventType::audit_action_recorded;
                event.action = "rare";
                event.stream = "room/rare";
                event.conversation = "rare";
                event.correlation_id = "rare";
                if (i == 100) event.actor.id = "alone";
            }
            if (i == 11'000) event.occurred_at_us = 50;  // late
            commits.push_back({event});
        }
        ledger_ = ledger_of(commits);
    }
    static void TearDownTestSuite() { ledger_.reset(); }

    static EventPage find(CountingLog& log, const EventFilter& filter, Order order,
                          std::size_t limit) {
        auto page = find_events(log, filter, order, limit);
        EXPECT_TRUE(page);
        return page ? std::move(*page) : EventPage{};
    }

    static inline std::unique_ptr<Ledger> ledger_;
};

TEST_F(LongLog, ReadsOnlyTheEndForTheNewestEvents) {
    CountingLog log(*ledger_);
    const EventPage page = find(log, {}, Order::descending, 3);
    EXPECT_EQ(positions_of(page), (Positions{11'999, 11'998, 11'997}));
    EXPECT_EQ(page.next, (Position{0, 11'997}));
    EXPECT_LE(log.frames, 4U);
}

TEST_F(LongLog, FollowsTheNarrowestIndexInBothDirections) {
    std::vector<EventFilter> filters(4);
    filters[0].streams = {"room/rare"};
    filters[1].correlations = {"rare"};
    filters[2].conversations = {"rare"};
    filters[3].actions = {"rare"};
    for (EventFilter& filter : filters) {
        filter.types = {"AuditActionRecorded", "MessageReceived"};
        filter.since_us = 0;
        CountingLog log(*ledger_);
        EXPECT_EQ(positions_of(find(log, filter, Order::ascending, 50)), (Positions{100, 9'000}));
        EXPECT_EQ(positions_of(find(log, filter, Order::descending, 50)), (Positions{9'000, 100}));
        EXPECT_EQ(log.frames, 4U);
        EXPECT_EQ(log.rows, 4U);
    }
}

TEST_F(LongLog, TakesOnlyAFewRowsOfALongIndex) {
    EventFilter filter;
    filter.conversations = {"busy", "rare"};
    CountingLog log(*ledger_);
    const EventPage page = find(log, filter, Order::descending, 5);
    EXPECT_EQ(positions_of(page), (Positions{11'999, 11'998, 11'997, 11'996, 11'995}));
    EXPECT_LE(log.frames, 6U);
    EXPECT_LE(log.rows, 300U);
}

TEST_F(LongLog, FollowsALongIndexToItsEnd) {
    EventFilter filter;
    filter.conversations = {"rare", "busy"};
    filter.from = Position{0, 8'000};
    for (const Order order : {Order::ascending, Order::descending}) {
        const auto page = find_events(*ledger_, filter, order, kEvents);
        ASSERT_TRUE(page);
        EXPECT_EQ(positions_of(*page), naive(*ledger_, filter, order));
    }
}

TEST_F(LongLog, SaysThereIsNoMoreWhenThePageHoldsTheLastOne) {
    EventFilter filter;
    filter.actions = {"rare"};
    CountingLog log(*ledger_);
    EXPECT_EQ(find(log, filter, Order::ascending, 2).next, std::nullopt);
    EXPECT_EQ(find(log, filter, Order::ascending, 1).next, (Position{0, 100}));
    EXPECT_EQ(find(log, {}, Order::ascending, kEvents).next, std::nullopt);
}

TEST_F(LongLog, StopsLookingForMoreAfterAWhile) {
    EventFilter filter;  // no index helps, and only the event at 100 matches
    filter.actors = {"alone"};
    CountingLog log(*ledger_);
    const EventPage page = find(log, filter, Order::ascending, 1);
    EXPECT_EQ(positions_of(page), (Positions{100}));
    EXPECT_EQ(page.next, (Position{0, 100}));
    EXPECT_LE(log.frames, 1'200U);
    filter.after = page.next;
    const EventPage rest = find(log, filter, Order::ascending, 1);
    EXPECT_TRUE(rest.events.empty());
    EXPECT_EQ(rest.next, std::nullopt);
}

TEST_F(LongLog, JumpsToAWindowThatLiesFarOffAndFindsItsLateEvents) {
    EventFilter filter;
    filter.since_us = 45;
    filter.until_us = 55;
    const Positions wanted{45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 11'000};
    {
        CountingLog log(*ledger_);
        EXPECT_EQ(positions_of(find(log, filter, Order::ascending, 50)), wanted);
        EXPECT_LE(log.frames, 4'300U);
    }
    CountingLog log(*ledger_);
    EXPECT_EQ(positions_of(find(log, filter, Order::descending, 50)),
              Positions(wanted.rbegin(), wanted.rend()));
    EXPECT_LE(log.frames, 5'300U);
    EXPECT_EQ(paged(log, filter, Order::descending, 3), Positions(wanted.rbegin(), wanted.rend()));
    EXPECT_EQ(paged(log, filter, Order::ascending, 3), wanted);
}

TEST_F(LongLog, AnswersALargeWindowInPages) {
    EventFilter filter;
    filter.until_us = 10'000;
    for (const Order order : {Order::ascending, Order::descending}) {
        EXPECT_EQ(paged(*ledger_, filter, order, 1'000), naive(*ledger_, filter, order));
    }
}

TEST_F(LongLog, ReadsNothingForAnEmptyWindow) {
    EventFilter filter;
    filter.until_us = std::numeric_limits<std::int64_t>::min();
    CountingLog log(*ledger_);
    EXPECT_TRUE(find(log, filter, Order::ascending, 10).events.empty());
    EXPECT_EQ(log.frames + log.rows, 0U);
}

TEST_F(LongLog, AnswersNothingForALimitOfZero) {
    CountingLog log(*ledger_);
    const EventPage page = find(log, {}, Order::ascending, 0);
    EXPECT_TRUE(page.events.empty());
    EXPECT_EQ(page.next, std::nullopt);
}

TEST(FindEventsInAWindow, GoesOnAfterMoreThanOnePassOverTheTimeIndex) {
    std::vector<NewEvent> outside(100, some_event());
    std::vector<NewEvent> inside(100, some_event());
    for (NewEvent& event : inside) event.occurred_at_us = 2'000;
    std::vector<std::vector<NewEvent>> commits(42, outside);  // more than is read in vain
    commits.insert(commits.end(), 170, inside);               // more than one pass takes
    const auto ledger = ledger_of(commits);
    EventFilter filter;
    filter.since_us = 2'000;
    filter.until_us = 2'001;
    const auto page = find_events(*ledger, filter, Order::ascending, 20'000);
    ASSERT_TRUE(page);
    EXPECT_EQ(positions_of(*page), naive(*ledger, filter, Order::ascending));
    EXPECT_EQ(page->events.size(), 17'000U);
}

TEST(FindEventsInACommit, PullsItsFrameOnce) {
    std::vector<NewEvent> events(50, some_event());
    const auto ledger = ledger_of({events});
    EventFilter filter;
    filter.streams = {some_event().stream};
    CountingLog log(*ledger);
    for (const Order order : {Order::ascending, Order::descending}) {
        const auto page = find_events(log, filter, order, 100);
        EXPECT_EQ(page->events.size(), 50U);
    }
    EXPECT_EQ(log.frames, 2U);
}

// ---- pieces ----

TEST(Stretch, PassesBothEnds) {
    Stretch up{0, 3, 4};
    up.pass(3, Order::ascending);
    EXPECT_EQ(up.first, 4U);
    up.pass(4, Order::ascending);
    EXPECT_TRUE(up.empty());
    Stretch down{0, 0, 1};
    down.pass(1, Order::descending);
    EXPECT_FALSE(down.empty());
    down.pass(0, Order::descending);
    EXPECT_TRUE(down.empty());
    EXPECT_EQ((Stretch{0, 0, 9}).scan_after(Order::ascending), std::nullopt);
    EXPECT_EQ((Stretch{0, 5, 9}).scan_after(Order::ascending), (Position{0, 4}));
    EXPECT_EQ((Stretch{0, 5, 9}).scan_after(Order::descending), (Position{0, 10}));
}

TEST(IndexMerge, GivesAPositionOfSeveralIndexesOnce) {
    NewEvent event = some_event();
    event.conversation = "c";
    const auto ledger = ledger_of({{event}, {event}, {event}});
    IndexKey by_conversation{IndexKey::Kind::conversation, "c"};
    IndexKey by_type{IndexKey::Kind::type};
    by_type.type = static_cast<std::uint32_t>(EventType::message_received);
    IndexMerge merge(*ledger, 0, {by_conversation, by_type}, Order::descending, Position{0, 3});
    EXPECT_EQ(*merge.next(), (Position{0, 2}));
    EXPECT_EQ(*merge.next(), (Position{0, 1}));
    EXPECT_EQ(*merge.next(), std::nullopt);
    EXPECT_EQ(*merge.next(), std::nullopt);
}

}  // namespace
}  // namespace decklog::store::event_query_test
