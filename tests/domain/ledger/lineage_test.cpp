#include "domain/ledger/lineage.hpp"

#include <gtest/gtest.h>

#include "tests/domain/given.hpp"

namespace decklog::domain::lineage_test {

LedgerId id(std::uint8_t first) {
    LedgerId made;
    made.bytes.fill(7);
    made.bytes[0] = first;
    return made;
}

StoredEvent created() {
    fb::LedgerCreatedT payload;
    payload.ledger_id = std::make_unique<fb::Key16>();
    std::memcpy(payload.ledger_id.get(), id(1).bytes.data(), 16);
    return StoredEvent(static_cast<std::uint32_t>(EventType::ledger_created), 1,
                       encode_payload(payload));
}

ForkLedger fork(std::uint8_t first = 2, std::string reason = "restore") {
    ForkLedger command;
    command.order.actor = {"operator", "env-admin"};
    command.order.recorded_by = "token:env-admin";
    command.order.now_us = 1'700'000'000'000'000;
    command.new_id = id(first);
    command.reason = std::move(reason);
    return command;
}

AdoptLedger adopt(std::uint64_t since = 0) { return {fork().order, since}; }

StoredEvent forked() {
    return StoredEvent(given<Lineage>({created()}).when(fork()).yields(EventType::ledger_forked));
}
StoredEvent adopted() {
    return StoredEvent(
        given<Lineage>({created(), forked()}).when(adopt()).yields(EventType::ledger_adopted));
}

TEST(ForkLedger, NamesTheLedgerItComesFromAndTheNewOne) {
    const NewEvent event =
        given<Lineage>({created()}).when(fork()).yields(EventType::ledger_forked);
    EXPECT_EQ(event.stream, "ledger/0");
    EXPECT_EQ(event.platform, "decklog");
    EXPECT_EQ(event.conversation, "");
    EXPECT_EQ(event.actor.id, "env-admin");
    const StoredEvent stored(event);
    const auto read = fork_of(stored.view());
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->from, id(1));
    EXPECT_EQ(read->to, id(2));
    EXPECT_EQ(read->reason, "restore");
}

TEST(ForkLedger, FollowsFromTheLastForkAndMayComeAgainBeforeAdoption) {
    const StoredEvent stored(
        given<Lineage>({created(), forked()}).when(fork(3)).yields(EventType::ledger_forked));
    EXPECT_EQ(fork_of(stored.view())->from, id(2));
}

TEST(ForkLedger, RefusesAnIdWhoseCursorsWouldLookTheSame) {
    ForkLedger same = fork(1);
    same.new_id.bytes[4] = 99;  // cursors show four bytes
    given<Lineage>({created()}).when(same).refuses("same_ledger", "ledgerId");
    same.new_id = {};
    given<Lineage>({created()}).when(same).refuses("same_ledger", "ledgerId");
}

TEST(ForkLedger, TakesThreeReasonsOnly) {
    for (const char* reason : {"restore", "import", "copy"})
        given<Lineage>({created()}).when(fork(2, reason)).yields(EventType::ledger_forked);
    given<Lineage>({created()}).when(fork(2, "fun")).refuses("unknown_reason", "reason");
}

TEST(AdoptLedger, EndsTheHoldOnceAndIsQuietWithoutOne) {
    const NewEvent event =
        given<Lineage>({created(), forked()}).when(adopt(17)).yields(EventType::ledger_adopted);
    EXPECT_EQ(decode_payload<fb::LedgerAdopted>(event.payload)->since_ordinal, 17U);
    given<Lineage>({created(), forked(), adopted()}).when(adopt()).stays_quiet();
    given<Lineage>({created()}).when(adopt()).stays_quiet();
}

TEST(AdoptLedger, IsNeededAgainAfterEachFork) {
    given<Lineage>({created(), forked(), adopted(), forked()})
        .when(adopt())
        .yields(EventType::ledger_adopted);
}

MoveLedger move(std::string kind = "topic", std::string name = "decklog") {
    return {fork().order, {std::move(kind), std::move(name)}};
}
StoredEvent moved() {
    return StoredEvent(given<Lineage>({created()}).when(move()).yields(EventType::ledger_moved));
}

TEST(MoveLedger, SaysWhereTheLedgerGoesOn) {
    const NewEvent event = given<Lineage>({created()}).when(move()).yields(EventType::ledger_moved);
    EXPECT_EQ(event.stream, "ledger/0");
    const StoredEvent stored(event);
    const auto to = move_of(stored.view());
    ASSERT_TRUE(to.has_value());
    EXPECT_EQ(to->kind, "topic");
    EXPECT_EQ(to->name, "decklog");
}

TEST(MoveLedger, IsQuietWhenItMovedThereAndRefusesAnotherPlaceUntilAFork) {
    given<Lineage>({created(), moved()}).when(move()).stays_quiet();
    given<Lineage>({created(), moved()})
        .when(move("topic", "other"))
        .refuses("moved_elsewhere", "name");
    given<Lineage>({created(), moved(), forked()})
        .when(move("topic", "other"))
        .yields(EventType::ledger_moved);
}

TEST(MoveLedger, KnowsTwoKindsOfPlaceAndBoundsTheName) {
    given<Lineage>({created()}).when(move("tape")).refuses("move_target", "kind");
    given<Lineage>({created()}).when(move("topic", "")).refuses("move_target", "name");
    given<Lineage>({created()})
        .when(move("directory", std::string(250, 'x')))
        .refuses("move_target", "name");
}

TEST(Lineage, RefusesWithoutALedgerAndBehindANewerBuild) {
    given<Lineage>().when(fork()).refuses("no_ledger");
    const StoredEvent newer(0x01F0, 1, {});
    given<Lineage>({created(), newer}).when(fork()).refuses("newer_build");
    given<Lineage>({created(), forked(), newer}).when(adopt()).refuses("newer_build");
}

}  // namespace decklog::domain::lineage_test
