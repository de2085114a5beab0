// What a rollout's checks count: distinct units of each arm, in the range between two seals.
#include <gtest/gtest.h>

#include "domain/gate/profiles.hpp"
#include "domain/rollout/policy_record.hpp"
#include "projections/rollouts/rollouts_query.hpp"
#include "projections/rollouts/rollouts_view.hpp"
#include "tests/projections/audit_given.hpp"

namespace decklog::projections::rollouts_test {

using namespace audit_given;
using domain::Cohort;
using domain::EventType;

domain::gate::Policy policy() {
    domain::gate::Policy policy;
    domain::gate::StreamPolicy everywhere, roomies;
    everywhere.action = roomies.action = "ai_reply_error";
    everywhere.attempts = roomies.attempts = {"ai_reply_created"};
    roomies.platform = "roomies";
    everywhere.floor = 0.001;
    policy.streams = {everywhere, roomies};
    return policy;
}

domain::NewEvent own(EventType type, domain::Bytes payload) {
    domain::NewEvent event;
    event.type = type;
    event.stream = "rollout/r7";
    event.occurred_at_us = kNoon;
    event.platform = "decklog";
    event.payload = std::move(payload);
    return event;
}

domain::NewEvent created() {
    fb::RolloutCreatedT payload;
    payload.service = "lease-api";
    payload.release = "v2";
    payload.baseline_release = "v1";
    payload.policy = domain::record_of(policy());
    payload.salt = std::make_unique<fb::Key16>();
    return own(EventType::rollout_created, domain::encode_payload(payload));
}

domain::NewEvent stage(std::string name, double weight = 0) {
    fb::RolloutStageChangedT payload;
    payload.stage = std::move(name);
    payload.weight = weight;
    return own(EventType::rollout_stage_changed, domain::encode_payload(payload));
}

domain::NewEvent seal() {
    fb::CheckSealedT payload;
    payload.number = 1;
    payload.cause = "asked";
    return own(EventType::check_sealed, domain::encode_payload(payload));
}

domain::NewEvent action(std::string name, Cohort cohort, std::string unit,
                        std::string platform = "roomies", std::string release = {}) {
    AuditRow row;
    row.created_us = kNoon + kDay;  // the log of a test is recorded before
    row.action = std::move(name);
    row.cohort = cohort;
    row.unit = std::move(unit);
    row.platform = std::move(platform);
    domain::NewEvent event = event_of(row);
    event.release = std::move(release);
    return event;
}

domain::NewEvent reply(Cohort cohort, std::string unit) {
    return action("ai_reply_created", cohort, std::move(unit));
}
domain::NewEvent error(Cohort cohort, std::string unit) {
    return action("ai_reply_error", cohort, std::move(unit));
}

/// The counts of every sealed check, in order.
std::vector<rollout::CountsRow> checks(const std::vector<domain::NewEvent>& events,
                                       std::size_t batch = 1000) {
    const MemoryRows rows = folded(rollouts_view(), events, batch);
    std::vector<rollout::CountsRow> found;
    for (std::uint64_t ordinal = 0; ordinal < events.size(); ++ordinal) {
        if (auto counts = sealed_counts(rows, "default", "r7", ordinal))
            found.push_back(*std::move(counts));
    }
    return found;
}

using Arm = domain::gate::ArmCounts;

TEST(Rollouts, CountDistinctUnitsOfEachArm) {
    const auto all = checks({created(), stage("canary", 5), reply(Cohort::canary, "a"),
                             reply(Cohort::canary, "a"), reply(Cohort::canary, "b"),
                             error(Cohort::canary, "b"), reply(Cohort::shadow, "a"),
                             reply(Cohort::full, "z"), reply(Cohort::none, "y"), seal()});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].streams[0].canary, (Arm{2, 1, 2, 0}));
    EXPECT_EQ(all[0].streams[0].baseline, (Arm{1, 0, 1, 0}));
    EXPECT_EQ(all[0].handled.canary, 2U);
    EXPECT_EQ(all[0].handled.baseline, 1U);
    EXPECT_EQ(all[0].weight_millis, 5'000U);
}

TEST(Rollouts, AUnitLeavesTheWatchWithItsFirstError) {
    const auto all = checks({created(), stage("canary", 5), error(Cohort::canary, "a"), seal(),
                             error(Cohort::canary, "a"), reply(Cohort::canary, "b"), seal(),
                             stage("canary", 25), error(Cohort::canary, "a"), seal(),
                             stage("canary", 25), error(Cohort::canary, "a"), seal()});
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[0].streams[0].canary, (Arm{1, 1, 1, 0}));
    EXPECT_EQ(all[1].streams[0].canary, (Arm{1, 0, 2, 0})) << "attempted, and counted no more";
    EXPECT_EQ(all[2].streams[0].canary, (Arm{0, 0, 1, 0})) << "a higher weight goes on";
    EXPECT_EQ(all[3].streams[0].canary, (Arm{1, 1, 1, 0})) << "a new watch forgets";
}

TEST(Rollouts, AUnitIsHandledInOneCheckOnly) {
    const auto all = checks({created(), stage("canary", 5), reply(Cohort::canary, "a"), seal(),
                             reply(Cohort::canary, "a"), reply(Cohort::canary, "b"), seal()});
    EXPECT_EQ(all[0].handled.canary, 1U);
    EXPECT_EQ(all[1].handled.canary, 1U);
    EXPECT_EQ(all[1].streams[0].canary.units, 2U);
}

TEST(Rollouts, StreamsOfOnePlatformCountItsEventsAlone) {
    const auto all = checks({created(), stage("canary", 5), reply(Cohort::canary, "a"),
                             action("ai_reply_created", Cohort::canary, "b", "renthop"),
                             action("tour_booked", Cohort::canary, "c"), seal()});
    EXPECT_EQ(all[0].streams[0].canary.units, 2U);
    EXPECT_EQ(all[0].streams[1].canary.units, 1U);
}

TEST(Rollouts, EventsOfAnotherReleaseOrStageAreNotThisOnes) {
    const auto all =
        checks({created(), reply(Cohort::canary, "early"), stage("canary", 5),
                action("ai_reply_created", Cohort::canary, "a", "roomies", "v9"),
                action("ai_reply_created", Cohort::canary, "b", "roomies", "v2"),
                action("ai_reply_created", Cohort::shadow, "c", "roomies", "v9"),
                action("ai_reply_created", Cohort::shadow, "d", "roomies", "v1"), seal()});
    EXPECT_EQ(all[0].streams[0].canary.units, 1U);
    EXPECT_EQ(all[0].streams[0].baseline.units, 1U);
}

TEST(Rollouts, AUnitIsLateThatARangeSawOnlyByEventsOfTheTimeBefore) {
    domain::NewEvent old = reply(Cohort::canary, "a");
    old.occurred_at_us = kNoon - kDay * 400;
    const auto all = checks(
        {created(), stage("canary", 5), old, seal(), old, reply(Cohort::canary, "a"), seal()});
    EXPECT_EQ(all[0].streams[0].canary, (Arm{1, 0, 1, 1}));
    EXPECT_EQ(all[1].streams[0].canary, (Arm{1, 0, 1, 0})) << "seen in time as well";
}

TEST(Rollouts, SetsAreRowsOnlyWhileARolloutIsOpen) {
    const std::vector<domain::NewEvent> open{created(), stage("canary", 5),
                                             reply(Cohort::canary, "a"), seal()};
    std::vector<domain::NewEvent> closed = open;
    closed.push_back(stage("rolled_back"));
    closed.push_back(reply(Cohort::canary, "b"));
    const auto sets = [](const MemoryRows& rows) {
        return std::count_if(rows.rows().begin(), rows.rows().end(), [](const auto& row) {
            return row.first.front() == rollout::kUnit || row.first.front() == rollout::kHandled ||
                   row.first.front() == rollout::kOpen;
        });
    };
    EXPECT_EQ(sets(folded(rollouts_view(), open, 1)), 4);
    for (const std::size_t batch : {std::size_t{1}, std::size_t{100}})
        EXPECT_EQ(sets(folded(rollouts_view(), closed, batch)), 0);
    EXPECT_EQ(checks(closed).size(), 1U) << "what was counted stays";
}

TEST(Rollouts, AtFullCloseTheirBurnWindowsWithEachCheck) {
    std::vector<domain::NewEvent> events{created(), stage("canary", 5), stage("full")};
    for (int i = 0; i < 9; ++i) events.push_back(reply(Cohort::full, "u" + std::to_string(i)));
    events.push_back(error(Cohort::full, "u8"));
    events.push_back(error(Cohort::full, "u8"));
    events.push_back(seal());
    for (const std::size_t batch : {1UL, 4UL, 1000UL}) {
        const auto sealed = checks(events, batch);
        ASSERT_EQ(sealed.size(), 1U);
        const auto& burn = sealed[0].streams[0].burn;
        ASSERT_TRUE(burn.has_value());
        EXPECT_EQ(burn->five_minutes, (domain::gate::WindowCounts{9, 1}));
        EXPECT_EQ(burn->three_days, (domain::gate::WindowCounts{9, 1}));
        EXPECT_FALSE(sealed[0].streams[1].burn) << "it has no budget";
    }
}

TEST(Rollouts, AreListedWithTheirStageAndVerdict) {
    fb::VerdictReachedT payload;
    payload.verdict = "hold";
    payload.reason = "no_data";
    const MemoryRows rows =
        folded(rollouts_view(), {created(), stage("canary", 12.5),
                                 own(EventType::verdict_reached, domain::encode_payload(payload))});
    const auto all = rollouts(rows, "default", {}, 10);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].id, "r7");
    EXPECT_EQ(all[0].row.stage, domain::RolloutStage::canary);
    EXPECT_EQ(all[0].row.weight_millis, 12'500U);
    EXPECT_EQ(all[0].row.verdict, "hold");
    EXPECT_TRUE(all[0].is_open);
    EXPECT_TRUE(rollouts(rows, "default", "r7", 10).empty());
}

}  // namespace decklog::projections::rollouts_test
