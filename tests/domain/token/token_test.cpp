#include "domain/token/token.hpp"

#include <gtest/gtest.h>

#include "tests/domain/given.hpp"

namespace decklog::domain::token_test {

constexpr std::int64_t kNow = 1'700'000'000'000'000;

TokenOrder order() {
    TokenOrder order;
    order.actor = {"operator", "env-admin"};
    order.recorded_by = "token:env-admin";
    order.now_us = kNow;
    return order;
}

CreateToken viewer() {
    CreateToken command;
    command.order = order();
    command.token_id = "a1b2c3";
    command.role = "viewer";
    command.name = "grafana";
    command.hash.fill(0x5A);
    return command;
}

CreateToken ingest_for(std::string account) {
    CreateToken command = viewer();
    command.role = "ingest";
    command.account = std::move(account);
    return command;
}

CreateToken for_gate(std::string gate, std::string role = {}) {
    CreateToken command = viewer();
    command.role = std::move(role);
    command.gate = std::move(gate);
    return command;
}

RevokeToken revoke() { return {order(), "a1b2c3"}; }

StoredEvent created() {
    return StoredEvent(given<Token>().when(viewer()).yields(EventType::token_created));
}
StoredEvent revoked() {
    return StoredEvent(given<Token>({created()}).when(revoke()).yields(EventType::token_revoked));
}

TEST(CreateToken, YieldsTheTokenWithoutItsSecret) {
    CreateToken command = viewer();
    command.expires_at_us = kNow + 1;
    command.personal = true;
    const NewEvent event = given<Token>().when(command).yields(EventType::token_created);
    EXPECT_EQ(event.stream, "token/a1b2c3");
    const auto payload = decode_payload<fb::TokenCreated>(event.payload);
    ASSERT_TRUE(payload.has_value());
    EXPECT_EQ(payload->token_id, "a1b2c3");
    EXPECT_EQ(payload->role, "viewer");
    EXPECT_EQ(payload->name, "grafana");
    EXPECT_EQ(payload->hash, std::vector<std::uint8_t>(32, 0x5A));
    EXPECT_EQ(payload->expires_at, kNow + 1);
    EXPECT_TRUE(payload->personal);
    EXPECT_EQ(payload->account, "");
}

TEST(CreateToken, IsHousekeepingWithAnActorAndNoConversation) {
    const NewEvent event = given<Token>().when(viewer()).yields(EventType::token_created);
    EXPECT_EQ(event.platform, "decklog");
    EXPECT_EQ(event.conversation, "");
    EXPECT_EQ(event.account, "");
    EXPECT_EQ(event.actor.type, "operator");
    EXPECT_EQ(event.actor.id, "env-admin");
    EXPECT_EQ(event.recorded_by, "token:env-admin");
    EXPECT_EQ(event.occurred_at_us, kNow);
    EXPECT_TRUE(event.sealed.empty());
}

TEST(CreateToken, TakesEveryRoleAndBindsOnlyIngestToAnAccount) {
    for (const std::string role : {"viewer", "operator", "ingest", "admin"}) {
        CreateToken command = viewer();
        command.role = role;
        given<Token>().when(command).yields(EventType::token_created);
    }
    const NewEvent event =
        given<Token>().when(ingest_for("north")).yields(EventType::token_created);
    EXPECT_EQ(decode_payload<fb::TokenCreated>(event.payload)->account, "north");

    CreateToken bound_viewer = viewer();
    bound_viewer.account = "north";
    given<Token>().when(bound_viewer).refuses("account_needs_ingest", "account");
    given<Token>().when(ingest_for("")).refuses("invalid_account", "account");
    given<Token>().when(ingest_for("a\nb")).refuses("invalid_account", "account");
}

TEST(CreateToken, ForAGateHasTheRoleThatOlderBuildsDoNotKnow) {
    for (const std::string role : {"", "gate", "ingest", "operator"}) {
        const NewEvent event =
            given<Token>().when(for_gate("api-tests", role)).yields(EventType::token_created);
        const auto payload = decode_payload<fb::TokenCreated>(event.payload);
        EXPECT_EQ(payload->role, "gate") << "asked for as '" << role << "'";
        EXPECT_EQ(payload->gate, "api-tests");
        EXPECT_EQ(payload->account, "");
    }
    EXPECT_EQ(decode_payload<fb::TokenCreated>(
                  given<Token>().when(viewer()).yields(EventType::token_created).payload)
                  ->gate,
              "");
}

TEST(CreateToken, ForAGateIsForThatAlone) {
    for (const std::string role : {"viewer", "admin"})
        given<Token>().when(for_gate("api-tests", role)).refuses("gate_needs_ingest", "gate");
    given<Token>().when(for_gate("api-tests", "root")).refuses("unknown_role", "role");
    for (const std::string& gate : {std::string(), std::string("a b"), std::string(129, 'g')})
        EXPECT_EQ(given<Token>().when(for_gate(gate)).refuses("invalid_name", "gate").limit, 128);
    CreateToken of_account = for_gate("api-tests", "ingest");
    of_account.account = "north";
    given<Token>().when(of_account).refuses("gate_takes_no_account", "account");
    CreateToken of_people = for_gate("api-tests");
    of_people.personal = true;
    given<Token>().when(of_people).refuses("gate_takes_no_personal", "personal");
    CreateToken of_none = viewer();
    of_none.role = "gate";
    given<Token>().when(of_none).refuses("gate_missing", "gate");
}

TEST(CreateToken, RefusesRolesThatDoNotExist) {
    for (const std::string role : {"", "root", "Admin", "admin ", "none"}) {
        CreateToken command = viewer();
        command.role = role;
        given<Token>().when(command).refuses("unknown_role", "role");
    }
}

TEST(CreateToken, RefusesNamesThatBreakThePattern) {
    for (const std::string& name :
         {std::string(), std::string("-x"), std::string("a b"), std::string(129, 'n')}) {
        CreateToken command = viewer();
        command.name = name;
        EXPECT_EQ(given<Token>().when(command).refuses("invalid_name", "name").limit, 128);
    }
}

TEST(CreateToken, RefusesAnExpiryThatIsNotAhead) {
    for (const std::int64_t expires_at_us : {kNow, kNow - 1, std::int64_t{0}}) {
        CreateToken command = viewer();
        command.expires_at_us = expires_at_us;
        given<Token>().when(command).refuses("expires_in_past", "expiresAt");
    }
}

TEST(CreateToken, RefusesAnIdThatWouldNotFitTheTokensText) {
    for (const std::string& id :
         {std::string(), std::string("a_b"), std::string("a/b"), std::string(65, 'a')}) {
        CreateToken command = viewer();
        command.token_id = id;
        given<Token>().when(command).refuses("token_id", "id");
    }
}

TEST(CreateToken, RefusesAnIdThatWasEverUsed) {
    given<Token>({created()}).when(viewer()).refuses("already_created", "id");
    given<Token>({created(), revoked()}).when(viewer()).refuses("already_created", "id");
}

TEST(CreateTokenDeathTest, WithoutAnActorIsABug) {
    CreateToken command = viewer();
    command.order.actor.id.clear();
    EXPECT_DEATH(static_cast<void>(Token::decide(command, Token::initial())), "CHECK failed");
}

TEST(RevokeToken, YieldsTheRevocation) {
    const NewEvent event =
        given<Token>({created()}).when(revoke()).yields(EventType::token_revoked);
    EXPECT_EQ(event.stream, "token/a1b2c3");
    EXPECT_EQ(event.platform, "decklog");
    EXPECT_EQ(event.actor.id, "env-admin");
    EXPECT_EQ(decode_payload<fb::TokenRevoked>(event.payload)->token_id, "a1b2c3");
}

TEST(RevokeToken, RefusesATokenThatNobodyMade) {
    given<Token>().when(revoke()).refuses("not_found", "id");
}

TEST(RevokeToken, StaysQuietAboutARevokedToken) {
    given<Token>({created(), revoked()}).when(revoke()).stays_quiet();
}

TEST(Token, NotedCommandsInItsStreamChangeNothing) {
    const StoredEvent noted(static_cast<std::uint32_t>(EventType::command_noted), 1, {});
    given<Token>({created(), noted}).when(revoke()).yields(EventType::token_revoked);
    given<Token>({created(), revoked(), noted}).when(revoke()).stays_quiet();
}

TEST(Token, StopsAtEventsOfANewerBuild) {
    const StoredEvent unknown_type(0x02FE, 1, {});
    const StoredEvent newer_version(static_cast<std::uint32_t>(EventType::token_revoked), 2, {});
    given<Token>({created(), unknown_type}).when(revoke()).refuses("newer_build");
    given<Token>({created(), newer_version}).when(revoke()).refuses("newer_build");
    given<Token>({unknown_type, created()}).when(viewer()).refuses("newer_build");
}

TEST(Token, IntentsReadAndNoteInTheTokensOwnStream) {
    const Intent create = create_token(viewer());
    const StreamRef own{"default", "token/a1b2c3"};
    EXPECT_EQ(create.command, "create_token");
    EXPECT_EQ(create.home, own);
    EXPECT_EQ(create.reads, std::vector{own});
    const Intent revocation = revoke_token(revoke());
    EXPECT_EQ(revocation.reads, std::vector{own});
    const StoredEvent past = created();
    const std::vector<std::vector<EventView>> histories{{past.view()}};
    const auto decision = revocation.decide(histories);
    ASSERT_TRUE(decision.has_value());
    EXPECT_EQ(decision->size(), 1U);
}

}  // namespace decklog::domain::token_test
