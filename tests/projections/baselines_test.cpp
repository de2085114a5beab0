// Baselines: distinct units per cohort, failing action and platform, against a naive count.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "projections/baselines/baselines_query.hpp"
#include "projections/baselines/baselines_view.hpp"
#include "projections/baselines/work_table.hpp"
#include "tests/projections/audit_given.hpp"
#include "tests/projections/observability_oracle.hpp"

namespace decklog::projections {

std::ostream& operator<<(std::ostream& out, const Baseline& row);
std::ostream& operator<<(std::ostream& out, const Baseline& row) {
    return out << domain::to_text(row.cohort) << ' ' << row.action << ' ' << row.platform << ' '
               << row.failed_units << " of " << row.attempted_units;
}

namespace baselines_test {

using namespace audit_given;
using observability_oracle::or_unknown;

bool has(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<Baseline> naive(const RandomTables& tables, std::int64_t since_us,
                            std::int64_t until_us) {
    const std::int64_t since = since_us / kMinute * kMinute;
    const std::int64_t until = (until_us + kMinute - 1) / kMinute * kMinute;
    std::vector<Baseline> all;
    for (const auto& work : baseline::works()) {
        for (const std::string_view failure : work.failures) {
            std::map<std::pair<domain::Cohort, std::string>,
                     std::pair<std::set<std::string>, std::set<std::string>>>
                places;
            for (const auto& row : tables.audits) {
                if (row.created_us < since || row.created_us >= until) continue;
                if (!has(work.attempts, row.action) && !has(work.failures, row.action)) continue;
                auto& [attempted, failed] = places[{row.cohort, or_unknown(row.platform)}];
                const std::string unit = !row.unit.empty()           ? "u " + row.unit
                                         : !row.conversation.empty() ? "u " + row.conversation
                                                                     : "e " + row.entity_id;
                attempted.insert(unit);
                if (row.action == failure) failed.insert(unit);
            }
            for (const auto& [place, units] : places) {
                all.push_back({place.first, std::string(failure), place.second,
                               static_cast<std::int64_t>(units.first.size()),
                               static_cast<std::int64_t>(units.second.size())});
            }
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

RC_GTEST_PROP(Baselines, EqualANaiveCountOfDistinctUnits, (std::uint64_t seed)) {
    RandomTables tables(seed);
    tables.draw(30 + tables.below(120));
    const MemoryRows rows = folded(baselines_view(), tables.events, 50);
    for (int i = 0; i < 8; ++i) {
        const std::int64_t since = tables.time();
        const std::int64_t until = tables.time();
        RC_ASSERT(baselines(rows, since, until) ==
                  (since < until ? naive(tables, since, until) : std::vector<Baseline>{}));
    }
}

AuditRow action(std::string name, std::string unit, std::int64_t time_us = kNoon) {
    AuditRow row;
    row.action = std::move(name);
    row.platform = "roomies";
    row.cohort = domain::Cohort::canary;
    row.unit = std::move(unit);
    row.created_us = time_us;
    return row;
}

std::vector<Baseline> an_hour(const std::vector<AuditRow>& actions) {
    std::vector<domain::NewEvent> events;
    for (const AuditRow& one : actions) events.push_back(event_of(one));
    return baselines(folded(baselines_view(), events), kNoon, kNoon + kHour);
}

TEST(Baselines, AUnitThatFailsTwiceInTwoMinutesCountsOnce) {
    EXPECT_EQ(an_hour({action("ai_reply_decision", "u1"), action("ai_reply_decision", "u2"),
                       action("ai_reply_error", "u1"),
                       action("ai_reply_error", "u1", kNoon + 5 * kMinute)}),
              (std::vector<Baseline>{{domain::Cohort::canary, "ai_reply_error", "roomies", 2, 1}}));
}

TEST(Baselines, AFailureIsAnAttempt) {
    EXPECT_EQ(an_hour({action("showing_booking_failed", "u1")}),
              (std::vector<Baseline>{
                  {domain::Cohort::canary, "showing_booking_failed", "roomies", 1, 1}}));
}

TEST(Baselines, AttemptsWithoutFailuresStandWithZero) {
    EXPECT_EQ(an_hour({action("platform_dispatch_sent", "u1")}),
              (std::vector<Baseline>{
                  {domain::Cohort::canary, "platform_dispatch_dlq", "roomies", 1, 0},
                  {domain::Cohort::canary, "platform_dispatch_error", "roomies", 1, 0}}));
}

TEST(Baselines, ActionsThatAreNoWorkAreNotCounted) {
    EXPECT_TRUE(
        an_hour({action("user_invited", "u1"), action("ai_reply_policy_blocked", "u2")}).empty());
}

TEST(Baselines, UnitsOfTwoWorkspacesAreTwo) {
    auto here = event_of(action("ai_reply_error", "u1"));
    auto there = here;
    there.workspace = "harbour";
    const auto rows = folded(baselines_view(), {here, there});
    EXPECT_EQ(baselines(rows, kNoon, kNoon + 1).front().failed_units, 2);
}

TEST(Baselines, EveryFailureAndErrorThatIsKnownFailsSomeWork) {
    for (const domain::ActionInfo& info : domain::known_actions()) {
        const bool fails =
            std::any_of(baseline::works().begin(), baseline::works().end(),
                        [&](const auto& work) { return has(work.failures, info.action); });
        EXPECT_EQ(fails, info.failure || info.error) << info.action;
    }
    for (const auto& work : baseline::works()) {
        for (const std::string_view attempt : work.attempts) {
            EXPECT_NE(domain::find_action(attempt), nullptr) << attempt;
        }
    }
}

}  // namespace baselines_test
}  // namespace decklog::projections
