#include <gtest/gtest.h>

#include "domain/payload.hpp"
#include "store/frame/frame.hpp"
#include "store/query/event_index.hpp"
#include "store/query/event_query.hpp"

namespace decklog::store::event_match_test {
namespace {

using domain::EventType;
using domain::NewEvent;
using domain::Position;

/// The event at 0:7 of some ledger.
class Placed {
  public:
    explicit Placed(const NewEvent& event) {
        const PlacedEvent placed{&event, {}, 1};
        frame_ = Frame::encode({}, {0, 7}, 5, std::nullopt, {}, std::span(&placed, 1));
    }
    [[nodiscard]] bool matches(const EventFilter& filter) const {
        return store::matches(filter, frame_->event(0));
    }

  private:
    FramePtr frame_;
};

NewEvent audit_action() {
    NewEvent event;
    event.type = EventType::audit_action_recorded;
    event.action = "workflow_failed";
    event.workspace = "north";
    event.stream = "audit/order/1";
    event.occurred_at_us = 1'000;
    event.actor = {"agent", "ann"};
    event.recorded_by = "token:t1";
    event.platform = "slack";
    event.account = "main";
    event.conversation = "C1";
    event.cohort = domain::Cohort::canary;
    event.release = "2.1";
    event.correlation_id = "trip";
    event.payload = domain::encode_payload(fb::AuditActionRecordedT{});
    return event;
}

TEST(Matches, EverythingWhenNothingIsAsked) { EXPECT_TRUE(Placed(audit_action()).matches({})); }

TEST(Matches, AnyValueOfAKind) {
    using Kind = std::vector<std::string> EventFilter::*;
    const std::vector<std::pair<Kind, std::string>> kinds{
        {&EventFilter::types, "AuditActionRecorded"},
        {&EventFilter::actions, "workflow_failed"},
        {&EventFilter::conversations, "C1"},
        {&EventFilter::actors, "ann"},
        {&EventFilter::platforms, "slack"},
        {&EventFilter::correlations, "trip"},
        {&EventFilter::accounts, "main"},
        {&EventFilter::cohorts, "canary"},
        {&EventFilter::releases, "2.1"}};
    const Placed event(audit_action());
    for (const auto& [kind, value] : kinds) {
        EventFilter filter;
        filter.*kind = {"other", value};
        EXPECT_TRUE(event.matches(filter)) << value;
        filter.*kind = {"other"};
        EXPECT_FALSE(event.matches(filter)) << value;
        filter.*kind = {value.substr(1)};
        EXPECT_FALSE(event.matches(filter)) << value;
    }
}

TEST(Matches, OnlyWhenAllKindsDo) {
    const Placed event(audit_action());
    EventFilter filter;
    filter.platforms = {"slack"};
    filter.actors = {"ann"};
    EXPECT_TRUE(event.matches(filter));
    filter.actors = {"bob"};
    EXPECT_FALSE(event.matches(filter));
}

TEST(Matches, WordsForWhatIsNotThere) {
    NewEvent bare = audit_action();
    bare.platform.clear();
    bare.conversation.clear();
    bare.actor.id.clear();
    bare.cohort = domain::Cohort::none;
    bare.release.clear();
    for (const auto& [kind, word, same_for_all] :
         std::vector<std::tuple<std::vector<std::string> EventFilter::*, std::string, bool>>{
             {&EventFilter::platforms, "unknown", false},
             {&EventFilter::conversations, "unknown", false},
             {&EventFilter::actors, "unknown", false},
             {&EventFilter::cohorts, "none", false}}) {
        EventFilter filter;
        filter.*kind = {word};
        EXPECT_TRUE(Placed(bare).matches(filter)) << word;
        EXPECT_EQ(Placed(audit_action()).matches(filter), same_for_all) << word;
    }
    EventFilter filter;
    filter.releases = {"unknown"};
    EXPECT_FALSE(Placed(bare).matches(filter));
}

TEST(Matches, ActionsOfOurOwnTypes) {
    NewEvent token;
    token.type = EventType::token_created;
    token.stream = "token/t1";
    token.payload = domain::encode_payload(fb::TokenCreatedT{});
    EventFilter filter;
    filter.actions = {"token_created"};
    EXPECT_TRUE(Placed(token).matches(filter));
    EXPECT_FALSE(Placed(audit_action()).matches(filter));
}

TEST(Matches, ExternalEventsByTheirOwnTypeAndTheirCarriers) {
    NewEvent external = audit_action();
    external.type = EventType::external_event_recorded;
    external.action.clear();
    external.external_type = "com.example.paid";
    external.payload = domain::encode_payload(fb::ExternalEventRecordedT{});
    EventFilter filter;
    filter.types = {"com.example.paid"};
    EXPECT_TRUE(Placed(external).matches(filter));
    EXPECT_FALSE(Placed(audit_action()).matches(filter));
    filter.types = {"ExternalEventRecorded"};
    EXPECT_TRUE(Placed(external).matches(filter));
    filter.types = {"com.example.refunded"};
    EXPECT_FALSE(Placed(external).matches(filter));
}

TEST(Matches, StreamsInTheirWorkspace) {
    const Placed event(audit_action());
    EventFilter filter;
    filter.streams = {"audit/order/1"};
    EXPECT_FALSE(event.matches(filter));
    filter.stream_workspaces = {"default", "north"};
    EXPECT_TRUE(event.matches(filter));
    filter.stream_workspaces = {"default"};
    filter.workspace = "north";
    EXPECT_TRUE(event.matches(filter));
    filter.workspace = "south";
    EXPECT_FALSE(event.matches(filter));
}

TEST(Matches, TimesFromInclusiveToExclusive) {
    const Placed event(audit_action());
    const auto in = [&event](std::optional<std::int64_t> since, std::optional<std::int64_t> until) {
        EventFilter filter;
        filter.since_us = since;
        filter.until_us = until;
        return event.matches(filter);
    };
    EXPECT_TRUE(in(1'000, 1'001));
    EXPECT_FALSE(in(1'001, std::nullopt));
    EXPECT_FALSE(in(std::nullopt, 1'000));
    EXPECT_TRUE(in(std::nullopt, std::nullopt));
}

TEST(Matches, PositionsInclusive) {
    const Placed event(audit_action());
    const auto in = [&event](std::optional<Position> from, std::optional<Position> to) {
        EventFilter filter;
        filter.from = from;
        filter.to = to;
        return event.matches(filter);
    };
    EXPECT_TRUE(in(Position{0, 7}, Position{0, 7}));
    EXPECT_FALSE(in(Position{0, 8}, std::nullopt));
    EXPECT_FALSE(in(std::nullopt, Position{0, 6}));
    EXPECT_FALSE(in(Position{1, 0}, std::nullopt));
}

// ---- the choice of an index ----

TEST(IndexKeys, AreOfTheNarrowestKindThatIsNamed) {
    using Kind = IndexKey::Kind;
    EventFilter filter;
    EXPECT_TRUE(index_keys(filter).empty());
    filter.platforms = {"slack"};
    filter.since_us = 0;
    EXPECT_TRUE(index_keys(filter).empty());
    filter.types = {"TokenCreated", "com.example.a", "com.example.b", "unknown:0x0399"};
    ASSERT_EQ(index_keys(filter).size(), 3U);
    EXPECT_EQ(index_keys(filter)[0].type, static_cast<std::uint32_t>(EventType::token_created));
    EXPECT_EQ(index_keys(filter)[1].type, 0x0399U);
    EXPECT_EQ(index_keys(filter)[2].type,
              static_cast<std::uint32_t>(EventType::external_event_recorded));
    filter.actions = {"a", "b", "a"};
    ASSERT_EQ(index_keys(filter).size(), 2U);
    EXPECT_EQ(index_keys(filter)[0].kind, Kind::action);
    filter.conversations = {"c"};
    EXPECT_EQ(index_keys(filter)[0].kind, Kind::conversation);
    filter.correlations = {"t"};
    EXPECT_EQ(index_keys(filter)[0].kind, Kind::correlation);
    filter.streams = {"s"};
    EXPECT_EQ(index_keys(filter)[0].kind, Kind::stream);
}

TEST(IndexKeys, DoNotLookInAnIndexForWhatItCannotHold) {
    EventFilter filter;
    filter.conversations = {"c", "unknown"};
    EXPECT_TRUE(index_keys(filter).empty());
    filter.conversations = {""};
    EXPECT_TRUE(index_keys(filter).empty());
    filter.types = {"unknown:0xZZ"};  // no number: some external event's own type
    EXPECT_EQ(index_keys(filter)[0].type,
              static_cast<std::uint32_t>(EventType::external_event_recorded));
}

TEST(IndexKeys, LookForAStreamInEveryWorkspaceThatMayHoldIt) {
    EventFilter filter;
    filter.streams = {"s", "t"};
    filter.stream_workspaces = {"north", "south"};
    const auto keys = index_keys(filter);
    ASSERT_EQ(keys.size(), 4U);
    EXPECT_EQ(keys[0].workspace, "north");
    EXPECT_EQ(keys[3].workspace, "south");
    filter.workspace = "west";
    ASSERT_EQ(index_keys(filter).size(), 2U);
    EXPECT_EQ(index_keys(filter)[0].workspace, "west");
}

}  // namespace
}  // namespace decklog::store::event_match_test
