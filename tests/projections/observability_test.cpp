// The snapshot against a naive oracle, and the rules that users read about, one by one.
#include "projections/audit/observability.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "projections/audit/audit_view.hpp"
#include "tests/projections/audit_given.hpp"
#include "tests/projections/observability_oracle.hpp"

namespace decklog::projections {

std::ostream& operator<<(std::ostream& out, const Observability& answer);
std::ostream& operator<<(std::ostream& out, const Observability& answer) {
    const CoreMetrics& core = answer.core_metrics;
    out << "in " << core.inbound_messages << " out " << core.outbound_messages << " sent "
        << core.outbound_sent << " draft " << core.outbound_draft << " hold " << core.outbound_hold
        << " pending " << core.outbound_pending_review << " events " << core.audit_events
        << "\nplatforms";
    for (const auto& one : answer.signals.audit_by_platform)
        out << ' ' << one.key << '=' << one.count;
    out << "\nconversations";
    for (const auto& one : answer.signals.audit_by_conversation)
        out << ' ' << one.key << '=' << one.count;
    out << "\nagents";
    for (const auto& one : answer.signals.audit_by_agent) {
        out << ' ' << one.actor_type << '/' << one.agent_id << '=' << one.count;
    }
    out << "\nfailures";
    for (const auto& one : answer.signals.platform_failures) {
        out << ' ' << one.platform << '/' << one.stage << '/' << one.action << '=' << one.count;
    }
    out << "\nreasons";
    for (const auto& one : answer.signals.escalation_reasons)
        out << ' ' << one.key << '=' << one.count;
    out << "\nrecent";
    for (const auto& one : answer.recent_audit) out << ' ' << one.ordinal;
    return out << '\n';
}

namespace observability_test {

using namespace audit_given;

ObservabilityQuery window(std::int64_t hours, std::int64_t as_of_us) {
    ObservabilityQuery query;
    query.window_hours = hours;
    query.as_of_us = as_of_us;
    return query;
}

Observability ask(const std::vector<domain::NewEvent>& events, const ObservabilityQuery& query) {
    return projections::observability(folded(audit_view(), events), query);
}

AuditRow action(std::string name, std::int64_t time_us = kNoon) {
    AuditRow row;
    row.action = std::move(name);
    row.created_us = time_us;
    return row;
}

RC_GTEST_PROP(Observability, EqualsTheOracleOnRandomRowsWindowsAndBatches, (std::uint64_t seed)) {
    RandomTables tables(seed);
    tables.draw(20 + tables.below(120));
    MemoryRows rows;
    fold(audit_view(), tables.events, rows, 0, [&] { return 1 + tables.below(70); });
    for (int i = 0; i < 8; ++i) {
        ObservabilityQuery query;
        query.window_hours = static_cast<std::int64_t>(tables.below(4) == 0 ? 1 + tables.below(168)
                                                                            : 1 + tables.below(26));
        query.as_of_us = tables.time() + (tables.below(2) == 0 ? query.window_hours * kHour : 0);
        query.audit_limit = static_cast<std::int64_t>(1 + tables.below(200));
        query.error_limit = static_cast<std::int64_t>(1 + tables.below(30));
        query.signal_limit = static_cast<std::int64_t>(1 + tables.below(6));
        RC_ASSERT(observability(rows, query) == observability_oracle::observability(tables, query));
    }
}

TEST(Observability, OfAnEmptyViewIsZeroEverywhere) {
    const Observability answer = ask({}, window(24, kNoon));
    Observability zero;
    zero.window_hours = 24;
    EXPECT_EQ(answer, zero);
}

TEST(Observability, ItsLowerEdgeIsExactToTheMicrosecond) {
    const auto count = [](std::int64_t time_us) {
        return ask({event_of(action("api_error", time_us))}, window(1, kNoon + 1))
            .core_metrics.audit_events;
    };
    EXPECT_EQ(count(kNoon + 1 - kHour), 1);
    EXPECT_EQ(count(kNoon - kHour), 0);
}

TEST(Observability, HasNoUpperBound) {
    const auto events = {event_of(action("api_error", kNoon + 5 * kMinute)),
                         event_of(action("api_error", kNoon + 3 * kDay))};
    EXPECT_EQ(ask(events, window(1, kNoon)).core_metrics.audit_events, 2);
}

TEST(Observability, AChangedStatusMovesTheMessageFromItsOldMinute) {
    std::vector<domain::NewEvent> events{
        event_of(MessageChange{kNoon, "m1", "outbound", "draft", kNoon - 30 * kMinute})};
    CoreMetrics core = ask(events, window(1, kNoon)).core_metrics;
    EXPECT_EQ(core.outbound_draft, 1);
    EXPECT_EQ(core.outbound_pending_review, 1);

    events.push_back(
        event_of(MessageChange{kNoon + 1, "m1", "outbound", "sent", kNoon - 2 * kHour}));
    core = ask(events, window(1, kNoon)).core_metrics;
    EXPECT_EQ(core, CoreMetrics{});
    core = ask(events, window(3, kNoon)).core_metrics;
    EXPECT_EQ(core.outbound_sent, 1);
    EXPECT_EQ(core.outbound_messages, 1);
}

TEST(Observability, AnOlderChangeThatArrivesLateIsNotTheState) {
    const CoreMetrics core =
        ask({event_of(MessageChange{kNoon + 5, "m1", "outbound", "sent", kNoon}),
             event_of(MessageChange{kNoon + 4, "m1", "outbound", "hold", kNoon})},
            window(1, kNoon))
            .core_metrics;
    EXPECT_EQ(core.outbound_sent, 1);
    EXPECT_EQ(core.outbound_hold, 0);
}

TEST(Observability, OfEqualTimesTheLaterPositionIsTheState) {
    const CoreMetrics core = ask({event_of(MessageChange{kNoon, "m1", "outbound", "sent", kNoon}),
                                  event_of(MessageChange{kNoon, "m1", "outbound", "hold", kNoon})},
                                 window(1, kNoon))
                                 .core_metrics;
    EXPECT_EQ(core.outbound_sent, 0);
    EXPECT_EQ(core.outbound_hold, 1);
}

TEST(Observability, MessagesOfTwoWorkspacesMayShareAnId) {
    auto here = event_of(MessageChange{kNoon, "m1", "inbound", "new", kNoon});
    auto there = here;
    there.workspace = "harbour";
    EXPECT_EQ(ask({here, there}, window(1, kNoon)).core_metrics.inbound_messages, 2);
}

TEST(Observability, ChatMessagesCountAsInbound) {
    EXPECT_EQ(ask({chat_message(kNoon), chat_message(kNoon - 2 * kHour)}, window(1, kNoon))
                  .core_metrics.inbound_messages,
              1);
}

TEST(Observability, PendingReviewHasNoWindow) {
    const CoreMetrics core =
        ask({event_of(MessageChange{kNoon, "m1", "outbound", "hold", kNoon - 8 * kDay})},
            window(1, kNoon))
            .core_metrics;
    EXPECT_EQ(core.outbound_pending_review, 1);
    EXPECT_EQ(core.outbound_hold, 0);
}

TEST(Observability, OneEscalationCountsOncePerActionThatTellsIt) {
    std::vector<domain::NewEvent> events;
    for (const char* name :
         {"ai_reply_decision", "ai_reply_escalated", "ai_reply_skipped", "ai_reply_created"}) {
        AuditRow row = action(name);
        row.reason_code = "escalate_no_slot_candidates";
        events.push_back(event_of(row));
    }
    const auto reasons = ask(events, window(1, kNoon)).signals.escalation_reasons;
    EXPECT_EQ(reasons, (std::vector<KeyCount>{{"escalate_no_slot_candidates", 3}}));
}

TEST(Observability, AnEscalateOutcomeWithoutReasonIsUnknown) {
    AuditRow row = action("ai_reply_decision");
    row.outcome = "escalate";
    row.reason_code = "";
    EXPECT_EQ(ask({event_of(row)}, window(1, kNoon)).signals.escalation_reasons,
              (std::vector<KeyCount>{{"unknown", 1}}));
    row.outcome = "skip";
    EXPECT_TRUE(ask({event_of(row)}, window(1, kNoon)).signals.escalation_reasons.empty());
}

TEST(Observability, EmptyAndUnknownAreOneKey) {
    AuditRow named = action("ai_reply_error");
    named.platform = named.actor_id = named.actor_type = named.conversation = "unknown";
    named.stage = "unknown";
    AuditRow empty = action("ai_reply_error");
    empty.stage = "";
    const Signals signals = ask({event_of(named), event_of(empty)}, window(1, kNoon)).signals;
    EXPECT_EQ(signals.audit_by_platform, (std::vector<KeyCount>{{"unknown", 2}}));
    EXPECT_EQ(signals.audit_by_agent, (std::vector<AgentCount>{{"unknown", "unknown", 2}}));
    EXPECT_EQ(signals.audit_by_conversation, (std::vector<KeyCount>{{"unknown", 2}}));
    EXPECT_EQ(signals.platform_failures,
              (std::vector<FailureCount>{{"unknown", "unknown", "ai_reply_error", 2}}));
}

TEST(Observability, OurOwnAuditedTypesCountAsActions) {
    domain::NewEvent token;
    token.type = domain::EventType::token_created;
    token.stream = "token/t1";
    token.occurred_at_us = kNoon;
    token.platform = "decklog";
    token.payload = domain::encode_payload(fb::TokenCreatedT{});
    domain::NewEvent noted;
    noted.type = domain::EventType::command_noted;
    noted.stream = "ledger/0";
    noted.occurred_at_us = kNoon;
    noted.payload = domain::encode_payload(fb::CommandNotedT{});
    const Observability answer = ask({token, noted}, window(1, kNoon));
    EXPECT_EQ(answer.core_metrics.audit_events, 1);
    EXPECT_EQ(answer.recent_audit, (std::vector<domain::Position>{{0, 0}}));
    EXPECT_TRUE(answer.signals.audit_by_platform.empty());
}

TEST(Observability, ManyTiesForTheLastPlacesAreBrokenByTheKey) {
    std::vector<domain::NewEvent> events;
    for (int i = 999; i >= 0; --i) {
        AuditRow row = action("ai_reply_created");
        row.conversation = "c" + std::to_string(i);
        events.push_back(event_of(row));
        if (i == 500) events.push_back(event_of(row));
    }
    auto query = window(1, kNoon);
    query.signal_limit = 4;
    EXPECT_EQ(ask(events, query).signals.audit_by_conversation,
              (std::vector<KeyCount>{{"c500", 2}, {"c0", 1}, {"c1", 1}, {"c10", 1}}));
}

TEST(Observability, TheNewestErrorsAreFoundHoweverOld) {
    std::vector<domain::NewEvent> events{event_of(action("api_error", kNoon - 400 * kDay))};
    for (int i = 0; i < 300; ++i) events.push_back(event_of(action("user_invited", kNoon)));
    const Observability answer = ask(events, window(1, kNoon));
    EXPECT_EQ(answer.recent_errors, (std::vector<domain::Position>{{0, 0}}));
    ASSERT_EQ(answer.recent_audit.size(), 50U);
    EXPECT_EQ(answer.recent_audit.front(), (domain::Position{0, 300}));
}

struct Clamp {
    std::optional<std::string_view> text;
    std::int64_t window, audit, signal;
};

TEST(Observability, ParametersAreClampedAndNeverRefused) {
    const Clamp table[] = {{std::nullopt, 24, 50, 25},
                           {"", 24, 50, 25},
                           {"0", 1, 1, 1},
                           {"-7", 1, 1, 1},
                           {"1", 1, 1, 1},
                           {"24", 24, 24, 24},
                           {"100", 100, 100, 100},
                           {"168", 168, 168, 100},
                           {"169", 168, 169, 100},
                           {"999", 168, 200, 100},
                           {"007", 7, 7, 7},
                           {"99999999999999999999999", 168, 200, 100},
                           {"-99999999999999999999999", 1, 1, 1},
                           {"bad", 24, 50, 25},
                           {"24.5", 24, 50, 25},
                           {"24h", 24, 50, 25},
                           {"-", 24, 50, 25},
                           {" 24", 24, 50, 25},
                           {"1e2", 24, 50, 25},
                           {"0x10", 24, 50, 25}};
    for (const Clamp& row : table) {
        SCOPED_TRACE(row.text.value_or("(absent)"));
        EXPECT_EQ(clamp_window_hours(row.text), row.window);
        EXPECT_EQ(clamp_audit_limit(row.text), row.audit);
        EXPECT_EQ(clamp_signal_limit(row.text), row.signal);
    }
    EXPECT_EQ(clamp_error_limit(std::nullopt), 25);
    EXPECT_EQ(clamp_error_limit("999"), 200);
}

}  // namespace observability_test
}  // namespace decklog::projections
