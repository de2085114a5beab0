// Audit counts against a scan of plain rows: every dimension, filters of the counted and of other
// dimensions, both ends of the window.
#include "projections/audit/audit_query.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "projections/audit/audit_view.hpp"
#include "tests/projections/audit_given.hpp"
#include "tests/projections/observability_oracle.hpp"

namespace decklog::projections::audit_query_test {

using namespace audit_given;
using observability_oracle::is_critical;
using observability_oracle::or_unknown;

bool passes(const std::vector<std::string>& filter, const std::string& text) {
    return filter.empty() || std::any_of(filter.begin(), filter.end(), [&](const std::string& one) {
               return or_unknown(one) == text;
           });
}

AuditCounts naive(const RandomTables& tables, const AuditQuery& query) {
    std::map<std::pair<std::string, std::string>, std::int64_t> groups;
    for (const auto& row : tables.audits) {
        if (row.created_us < query.since_us ||
            (query.until_us && row.created_us >= *query.until_us))
            continue;
        if (query.critical && !is_critical(row.action)) continue;
        const std::string platform = or_unknown(row.platform), agent = or_unknown(row.actor_id),
                          conversation = or_unknown(row.conversation);
        if (!passes(query.platforms, platform) || !passes(query.actors, agent) ||
            !passes(query.conversations, conversation) || !passes(query.actions, row.action)) {
            continue;
        }
        switch (query.by) {
            case AuditBy::platform:
                ++groups[{"", platform}];
                break;
            case AuditBy::agent:
                ++groups[{or_unknown(row.actor_type), agent}];
                break;
            case AuditBy::conversation:
                ++groups[{"", conversation}];
                break;
            case AuditBy::action:
                ++groups[{"", row.action}];
                break;
        }
    }
    AuditCounts answer;
    for (const auto& [key, count] : groups) {
        answer.items.push_back({key.second, key.first, count});
        answer.total += count;
    }
    std::stable_sort(answer.items.begin(), answer.items.end(),
                     [](const auto& left, const auto& right) { return left.count > right.count; });
    if (query.limit != 0 && answer.items.size() > query.limit) answer.items.resize(query.limit);
    return answer;
}

RC_GTEST_PROP(AuditQuery, EqualsAScanOfTheRows, (std::uint64_t seed)) {
    RandomTables tables(seed);
    tables.draw(20 + tables.below(100));
    const MemoryRows rows = folded(audit_view(), tables.events, 40);
    for (int i = 0; i < 12; ++i) {
        AuditQuery query;
        query.by = static_cast<AuditBy>(tables.below(4));
        query.since_us = tables.time();
        if (tables.below(2) == 0) query.until_us = tables.time();
        query.critical = tables.below(2) == 0;
        query.limit = tables.below(4);
        if (tables.below(4) == 0) query.platforms = {"roomies", ""};
        if (tables.below(4) == 0) query.actors = {"a1", "unknown"};
        if (tables.below(4) == 0) query.conversations = {"c1", "c10", "never mentioned"};
        if (tables.below(4) == 0) query.actions = {"deploy_started", "ai_reply_error", "api_error"};
        RC_ASSERT(audit_counts(rows, query) == naive(tables, query));
    }
}

TEST(AuditQuery, AFilterThatNothingMatchesAnswersNothing) {
    AuditRow row;
    row.action = "deploy_started";
    const MemoryRows rows = folded(audit_view(), {event_of(row)});
    AuditQuery query;
    query.actors = {"nobody"};
    EXPECT_EQ(audit_counts(rows, query), AuditCounts{});
    query.actors.clear();
    EXPECT_EQ(audit_counts(rows, query).total, 1);
}

TEST(AuditQuery, DimensionsHaveNames) {
    for (const char* name : {"platform", "agent", "conversation", "action"}) {
        const auto by = audit_by_from_text(name);
        ASSERT_TRUE(by.has_value()) << name;
        EXPECT_EQ(to_text(*by), name);
    }
    EXPECT_FALSE(audit_by_from_text("Platform").has_value());
    EXPECT_FALSE(audit_by_from_text("").has_value());
}

TEST(AuditQuery, WindowsAreNumbersWithAUnit) {
    EXPECT_EQ(window_us_from_text("90s"), 90'000'000);
    EXPECT_EQ(window_us_from_text("45m"), 45 * kMinute);
    EXPECT_EQ(window_us_from_text("24h"), kDay);
    EXPECT_EQ(window_us_from_text("366d"), 366 * kDay);
    for (const char* bad :
         {"", "h", "24", "0h", "-1h", "1.5h", "24 h", "24H", "367d", "99999999999999999999d"}) {
        EXPECT_FALSE(window_us_from_text(bad).has_value()) << bad;
    }
}

}  // namespace decklog::projections::audit_query_test
