#include "domain/account/account.hpp"

#include <gtest/gtest.h>

#include "tests/domain/given.hpp"

namespace decklog::domain::account_test {

constexpr std::int64_t kNow = 1'700'000'000'000'000;

AccountOrder order() {
    AccountOrder order;
    order.by.actor = {"admin", "t1"};
    order.by.recorded_by = "token:t1";
    order.by.now_us = kNow;
    return order;
}

CreatePlatformAccount create() {
    CreatePlatformAccount command;
    command.order = order();
    command.account_id = "roomies-0011223344556677";
    command.platform = "roomies";
    command.account_name = "Roomies north";
    command.account_external_id = "roomies-north";
    command.policy.credentials = {{"sessionRef", "env:ROOMIES_RPA_SESSION"}};
    return command;
}

UpdatePlatformPolicy update() {
    UpdatePlatformPolicy command;
    command.order = order();
    command.account_id = "roomies-0011223344556677";
    return command;
}

UpdatePlatformPolicy switch_to(bool active) {
    UpdatePlatformPolicy command = update();
    command.is_active = active;
    return command;
}

StoredEvent created() {
    return StoredEvent(
        given<PlatformAccount>().when(create()).yields(EventType::platform_account_created));
}
StoredEvent switched_off() {
    return StoredEvent(given<PlatformAccount>({created()})
                           .when(switch_to(false))
                           .yields(EventType::platform_policy_updated));
}

TEST(CreatePlatformAccount, YieldsTheAccountOnItsPlatform) {
    const NewEvent event =
        given<PlatformAccount>().when(create()).yields(EventType::platform_account_created);
    EXPECT_EQ(event.stream, "account/roomies-0011223344556677");
    EXPECT_EQ(event.platform, "roomies");
    EXPECT_EQ(event.account, "roomies-north");
    EXPECT_EQ(event.conversation, "");
    EXPECT_EQ(event.actor.id, "t1");
    EXPECT_EQ(event.recorded_by, "token:t1");
    EXPECT_EQ(event.occurred_at_us, kNow);
    const auto payload = decode_payload<fb::PlatformAccountCreated>(event.payload);
    ASSERT_TRUE(payload.has_value());
    EXPECT_EQ(payload->account_name, "Roomies north");
    EXPECT_TRUE(payload->is_active);
    EXPECT_EQ(payload->send_mode, "");
    EXPECT_EQ(payload->effective_send_mode, "draft_only");
    EXPECT_EQ(payload->integration_mode, "rpa");
    ASSERT_EQ(payload->credentials.size(), 1U);
    EXPECT_EQ(payload->credentials[0]->ref, "env:ROOMIES_RPA_SESSION");
}

TEST(CreatePlatformAccount, RefusesWhatIsNoPlatformNameOrPolicy) {
    const auto refused = [](auto change, const char* code, const char* field) {
        CreatePlatformAccount command = create();
        change(command);
        given<PlatformAccount>().when(command).refuses(code, field);
    };
    refused([](auto& c) { c.platform = ""; }, "invalid_name", "platform");
    refused([](auto& c) { c.platform = "room ies"; }, "invalid_name", "platform");
    refused([](auto& c) { c.account_name = ""; }, "invalid_id", "accountName");
    refused([](auto& c) { c.account_external_id = "a\nb"; }, "invalid_id", "accountExternalId");
    refused([](auto& c) { c.policy.send_mode = "send"; }, "unknown_send_mode", "sendMode");
    refused([](auto& c) { c.policy.integration_mode = "api"; }, "unknown_integration_mode",
            "integrationMode");
    refused(
        [](auto& c) {
            c.policy.credentials = {{"passwordRef", "hunter2"}};
        },
        "CREDENTIAL_PLAINTEXT_FORBIDDEN", "credentials.passwordRef");
    refused(
        [](auto& c) {
            c.policy.credentials = {{"passwordRef", "env:P"}};
        },
        "CREDENTIAL_MISSING", "credentials");
}

TEST(CreatePlatformAccount, RefusesASecondOne) {
    given<PlatformAccount>({created()})
        .when(create())
        .refuses("already_created", "accountExternalId");
}

TEST(UpdatePlatformPolicy, SwitchesOffAndLeavesTheRestAsItIs) {
    const NewEvent event = given<PlatformAccount>({created()})
                               .when(switch_to(false))
                               .yields(EventType::platform_policy_updated);
    EXPECT_EQ(event.platform, "roomies");
    EXPECT_EQ(event.account, "roomies-north");
    const auto payload = decode_payload<fb::PlatformPolicyUpdated>(event.payload);
    ASSERT_TRUE(payload.has_value());
    EXPECT_FALSE(payload->is_active);
    EXPECT_EQ(payload->updates, std::vector<std::string>{"isActive"});
    EXPECT_EQ(payload->integration_mode, "rpa");
    EXPECT_EQ(payload->credentials.size(), 1U);
    EXPECT_EQ(payload->effective_send_mode, "draft_only");
}

TEST(UpdatePlatformPolicy, TakesASendModeAndGivesItBackToTheDefault) {
    UpdatePlatformPolicy send = update();
    send.send_mode = "auto_send";
    const NewEvent event =
        given<PlatformAccount>({created()}).when(send).yields(EventType::platform_policy_updated);
    EXPECT_EQ(decode_payload<fb::PlatformPolicyUpdated>(event.payload)->effective_send_mode,
              "auto_send");
    UpdatePlatformPolicy unset = update();
    unset.send_mode = "";
    const NewEvent after = given<PlatformAccount>({created(), StoredEvent(event)})
                               .when(unset)
                               .yields(EventType::platform_policy_updated);
    EXPECT_EQ(decode_payload<fb::PlatformPolicyUpdated>(after.payload)->effective_send_mode,
              "draft_only");
}

TEST(UpdatePlatformPolicy, StaysQuietWhenNothingChanges) {
    given<PlatformAccount>({created()}).when(update()).stays_quiet();
    given<PlatformAccount>({created()}).when(switch_to(true)).stays_quiet();
    given<PlatformAccount>({created(), switched_off()}).when(switch_to(false)).stays_quiet();
}

TEST(UpdatePlatformPolicy, RefusesAccountsThatNobodyMadeAndPoliciesThatDoNotExist) {
    given<PlatformAccount>().when(switch_to(false)).refuses("not_found", "id");
    UpdatePlatformPolicy command = update();
    command.send_mode = "yes";
    given<PlatformAccount>({created()}).when(command).refuses("unknown_send_mode", "sendMode");
    command = update();
    command.credentials = std::vector<Credential>{{"sessionRef", "plain"}};
    given<PlatformAccount>({created()})
        .when(command)
        .refuses("CREDENTIAL_PLAINTEXT_FORBIDDEN", "credentials.sessionRef");
}

TEST(PlatformAccount, StopsAtEventsOfANewerBuild) {
    const StoredEvent newer(static_cast<std::uint32_t>(EventType::platform_policy_updated), 2, {});
    given<PlatformAccount>({created(), newer}).when(switch_to(false)).refuses("newer_build");
}

TEST(PlatformAccountDeathTest, WithoutAnActorIsABug) {
    CreatePlatformAccount command = create();
    command.order.by.actor.id.clear();
    EXPECT_DEATH(static_cast<void>(PlatformAccount::decide(command, {})), "CHECK failed");
}

}  // namespace decklog::domain::account_test
