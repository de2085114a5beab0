// The platforms view: whose events are whose, what counts as a sign of life, errors by the minute,
// and the last report of a worker.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/account/account.hpp"
#include "domain/worker/worker.hpp"
#include "projections/platforms/platforms_query.hpp"
#include "projections/platforms/platforms_view.hpp"
#include "tests/projections/audit_given.hpp"

namespace decklog::projections::platforms_test {

using audit_given::AuditRow;
using audit_given::event_of;
using audit_given::folded;
using audit_given::kHour;
using audit_given::kMinute;
using audit_given::kNoon;
using Events = std::vector<domain::NewEvent>;

domain::NewEvent created(const std::string& platform, const std::string& external_id,
                         bool is_active = true) {
    domain::CreatePlatformAccount command;
    command.order.by.actor = {"admin", "t1"};
    command.order.by.recorded_by = "token:t1";
    command.order.by.now_us = kNoon;
    command.account_id = platform + "-" + external_id;
    command.platform = platform;
    command.account_name = external_id;
    command.account_external_id = external_id;
    command.policy.is_active = is_active;
    return domain::PlatformAccount::decide(command, {}).value().front();
}

domain::NewEvent switched(const domain::NewEvent& account, const std::string& platform,
                          const std::string& external_id, bool is_active) {
    domain::PlatformAccount::State state;
    state.exists = true;
    state.platform = platform;
    state.account_external_id = external_id;
    state.policy.is_active = !is_active;
    domain::UpdatePlatformPolicy command;
    command.order.by.actor = account.actor;
    command.order.by.recorded_by = account.recorded_by;
    command.account_id = platform + "-" + external_id;
    command.is_active = is_active;
    return domain::PlatformAccount::decide(command, state).value().front();
}

/// A change of an account that is off, and stays off.
domain::NewEvent told_to_draft(const domain::NewEvent& account, const std::string& platform,
                               const std::string& external_id) {
    domain::PlatformAccount::State state;
    state.exists = true;
    state.platform = platform;
    state.account_external_id = external_id;
    state.policy.is_active = false;
    domain::UpdatePlatformPolicy command;
    command.order.by.actor = account.actor;
    command.order.by.recorded_by = account.recorded_by;
    command.account_id = platform + "-" + external_id;
    command.send_mode = "draft_only";
    return domain::PlatformAccount::decide(command, state).value().front();
}

domain::NewEvent happened(const std::string& action, const std::string& platform,
                          const std::string& account, std::int64_t time_us = kNoon) {
    domain::NewEvent event =
        event_of(AuditRow{.created_us = time_us, .action = action, .platform = platform});
    event.account = account;
    return event;
}

domain::NewEvent message(const std::string& direction, const std::string& status,
                         std::int64_t sent_us) {
    domain::NewEvent event;
    event.type = domain::EventType::message_recorded;
    event.stream = "message/m1";
    event.platform = "roomies";
    event.occurred_at_us = kNoon;
    fb::MessageRecordedT payload;
    payload.message_id = "m1";
    payload.direction = direction;
    payload.review_status = status;
    payload.sent_at = sent_us;
    event.payload = domain::encode_payload(payload);
    return event;
}

MemoryRows rows_of(const Events& events) { return folded(platforms_view(), events, 3); }

using Missing = std::vector<domain::gate::MissingPlatform>;

Missing missing_with_positions(const Events& events, std::int64_t since_us = kNoon - kHour) {
    const std::vector<std::string> required{"roomies", "spareroom"};
    return missing_platforms(rows_of(events), required, since_us);
}

std::vector<std::string> missing(const Events& events, std::int64_t since_us = kNoon - kHour) {
    std::vector<std::string> names;
    for (const auto& platform : missing_with_positions(events, since_us))
        names.push_back(platform.name);
    return names;
}

TEST(MissingPlatforms, AreAllOfThemInAnEmptyLog) {
    EXPECT_EQ(missing({}), (std::vector<std::string>{"roomies", "spareroom"}));
}

TEST(MissingPlatforms, ShowNoSignOfLifeOrAreSwitchedOff) {
    const Events both{created("roomies", "north"), created("spareroom", "a"),
                      happened("ai_reply_created", "roomies", ""),
                      happened("ai_reply_created", "spareroom", "")};
    EXPECT_EQ(missing(both), std::vector<std::string>{});
    // An account is no sign of life, and who is heard of needs none.
    EXPECT_EQ(missing({created("roomies", "north"), happened("x", "spareroom", "")}),
              std::vector<std::string>{"roomies"});
    Events off = both;
    off.push_back(switched(both[0], "roomies", "north", false));
    EXPECT_EQ(missing(off), std::vector<std::string>{"roomies"});
    off.push_back(created("roomies", "south"));
    EXPECT_EQ(missing(off), std::vector<std::string>{});
}

TEST(MissingPlatforms, AreThoseOfWhichNothingWasHeardInTheWindow) {
    const Events events{created("roomies", "north"), created("spareroom", "a"),
                        happened("x", "roomies", "", kNoon - kHour),
                        happened("x", "spareroom", "", kNoon - kHour - 1)};
    EXPECT_EQ(missing(events), std::vector<std::string>{"spareroom"});
}

TEST(MissingPlatforms, SaySinceWhichEvent) {
    const domain::NewEvent north = created("roomies", "north");
    Events events{north, created("roomies", "south"),
                  happened("x", "roomies", "north", kNoon - 3 * kHour),
                  happened("x", "roomies", "south", kNoon - 2 * kHour),
                  happened("x", "roomies", "north", kNoon - 4 * kHour)};
    EXPECT_EQ(missing_with_positions(events), (Missing{{"roomies", 3}, {"spareroom", {}}}))
        << "the last that happened, whatever was told last";
    events.push_back(switched(north, "roomies", "north", false));
    EXPECT_EQ(missing_with_positions(events)[0].position, 3U) << "another account is active";
    events.push_back(switched(events[1], "roomies", "south", false));
    events.push_back(happened("x", "roomies", ""));
    EXPECT_EQ(missing_with_positions(events)[0].position, 6U) << "the last was switched off";
    events.push_back(told_to_draft(events[1], "roomies", "south"));
    EXPECT_EQ(missing_with_positions(events)[0].position, 6U) << "it was off already";
}

TEST(MissingPlatforms, AreNotRevivedByChangesOfTheirPolicy) {
    const domain::NewEvent account = created("roomies", "north");
    domain::NewEvent off = switched(account, "roomies", "north", false);
    domain::NewEvent on = switched(account, "roomies", "north", true);
    off.occurred_at_us = on.occurred_at_us = kNoon;
    EXPECT_EQ(missing({account, off, on}), (std::vector<std::string>{"roomies", "spareroom"}));
}

std::vector<std::uint64_t> errors(const Events& events, std::int64_t since_us = kNoon - kHour) {
    std::vector<std::uint64_t> counts;
    for (const AccountHealth& health : platform_health(rows_of(events), since_us))
        counts.push_back(health.errors);
    return counts;
}

TEST(PlatformHealth, CountsErrorsForTheAccountThatTheEventNames) {
    const Events accounts{created("roomies", "north"), created("roomies", "south"),
                          created("spareroom", "a")};
    const auto with = [&accounts](const domain::NewEvent& event) {
        Events all = accounts;
        all.push_back(event);
        return errors(all);
    };
    using Counts = std::vector<std::uint64_t>;
    EXPECT_EQ(with(happened("ai_reply_error", "roomies", "north")), (Counts{1, 0, 0}));
    EXPECT_EQ(with(happened("ai_reply_error", "roomies", "roomies-south")), (Counts{0, 1, 0}));
    EXPECT_EQ(with(happened("ai_reply_error", "roomies", "")), (Counts{1, 1, 0}));
    EXPECT_EQ(with(happened("ai_reply_error", "roomies", "elsewhere")), (Counts{1, 1, 0}));
    EXPECT_EQ(with(happened("ai_reply_error", "renthop", "")), (Counts{0, 0, 0}));
    EXPECT_EQ(with(happened("ai_reply_created", "roomies", "north")), (Counts{0, 0, 0}));
}

TEST(PlatformHealth, CountsTheFiveErrorsOfTheWindowAcrossBatches) {
    Events events{created("roomies", "north")};
    for (const char* action :
         {"platform_dispatch_error", "ai_reply_error", "api_error", "inbox_draft_error",
          "inbox_message_error", "platform_dispatch_dlq", "showing_booking_failed"}) {
        events.push_back(happened(action, "roomies", "north"));
    }
    EXPECT_EQ(errors(events), std::vector<std::uint64_t>{5});
    events.push_back(happened("api_error", "roomies", "north", kNoon - kHour - kMinute));
    EXPECT_EQ(errors(events), std::vector<std::uint64_t>{5});
    events.push_back(happened("api_error", "roomies", "north", kNoon - kHour));
    EXPECT_EQ(errors(events), std::vector<std::uint64_t>{6});
}

TEST(PlatformHealth, KnowsTheLastMessageInTheLastOneSentAndTheLastError) {
    const auto health = platform_health(
        rows_of({created("roomies", "north"), message("inbound", "new", kNoon - 3),
                 message("outbound", "sent", kNoon - 2), message("outbound", "draft", kNoon - 1),
                 message("outbound", "hold", kNoon), message("inbound", "new", kNoon - 9),
                 happened("api_error", "roomies", "", kNoon - 7)}),
        kNoon - kHour);
    ASSERT_EQ(health.size(), 1U);
    EXPECT_EQ(health[0].last.ingest_us, kNoon - 3);
    EXPECT_EQ(health[0].last.send_us, kNoon - 2);
    EXPECT_EQ(health[0].last.error_us, kNoon - 7);
    EXPECT_EQ(health[0].last.any_us, kNoon);
}

domain::NewEvent reported(const std::string& name, const std::string& runtime,
                          bool has_error = false) {
    domain::WorkerReport report{name, "r1", "gemini", runtime, 4, {}};
    if (has_error) report.error_hash.emplace().fill(9);
    domain::NewEvent envelope;
    envelope.occurred_at_us = kNoon;
    return domain::worker_reported(report, envelope).value();
}

TEST(Workers, AreKnownByTheirLastReport) {
    const auto all = workers(rows_of(
        {reported("b", "mock", true), reported("a", "playwright"), reported("b", "playwright")}));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].report.worker, "a");
    EXPECT_EQ(all[1].report.worker, "b");
    EXPECT_EQ(all[1].report.runtime, "playwright");
    EXPECT_EQ(all[1].report.release, "r1");
    EXPECT_EQ(all[1].report.queue_depth, 4U);
    EXPECT_FALSE(all[1].report.error_hash.has_value());
    EXPECT_EQ(all[1].at_us, kNoon);
    EXPECT_EQ(all[1].ordinal, 2U);
}

TEST(PlatformAccounts, KeepTheirNameAndTheirSwitchOverManyBatches) {
    const domain::NewEvent account = created("roomies", "north");
    const auto all = platform_accounts(
        rows_of({account, happened("x", "roomies", ""), happened("x", "roomies", ""),
                 happened("x", "roomies", ""), switched(account, "roomies", "north", false)}));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].id, "roomies-north");
    EXPECT_EQ(all[0].state.account_name, "north");
    EXPECT_FALSE(all[0].state.policy.is_active);
    EXPECT_EQ(all[0].state.policy.integration_mode, "rpa");
}

}  // namespace decklog::projections::platforms_test
