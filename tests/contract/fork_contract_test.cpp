// A ledger that goes on from a copy: a new id from LedgerForked on, and a hold until it is adopted.
#include "domain/ledger/lineage.hpp"
#include "store/fork/fork.hpp"
#include "store/fork/hold.hpp"
#include "store/frame/frame_header.hpp"
#include "store/verify/verify.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::store::contract {

class ForkContract : public LedgerContract {
  protected:
    static domain::LedgerOrder order() {
        domain::LedgerOrder order;
        order.actor = {"system", "decklog"};
        order.recorded_by = "decklog";
        order.now_us = FakeClock::kStart;
        return order;
    }
    static Submission adopt() {
        Submission submission;
        submission.intent = domain::adopt_ledger({order(), 0});
        return submission;
    }
    static Submission fork_to(const domain::LedgerId& id) {
        Submission submission;
        submission.intent = domain::fork_ledger({order(), id, "copy"});
        return submission;
    }
    domain::LedgerId forked() {
        return fork(ledger(), *vault_, system_random(), order(), "restore").value();
    }
    std::uint64_t writer_of(std::uint64_t ordinal) {
        return ledger().frame_at({0, ordinal}).value()->header().ledger;
    }
    void expect_whole() {
        const VerifyReport report = verify(ledger(), {}).value();
        EXPECT_TRUE(report.ok()) << report.problem;
    }

    std::unique_ptr<Vault> vault_ = make_memory_vault(nullptr);
};
INSTANTIATE_TEST_SUITE_P(Ledgers, ForkContract, testing::Values(Kind::memory, Kind::rocks),
                         name_of);

TEST_P(ForkContract, FramesBearTheNewIdFromLedgerForkedOn) {
    const domain::LedgerId before = ledger().ledger_id();
    ASSERT_TRUE(submit(append("s")));
    const domain::LedgerId after = forked();
    ASSERT_TRUE(submit(append("s")));
    EXPECT_EQ(ledger().ledger_id(), after);
    EXPECT_NE(before, after);
    EXPECT_EQ(writer_of(1), ledger_prefix(before));
    EXPECT_EQ(writer_of(2), ledger_prefix(after)) << "the LedgerForked itself";
    EXPECT_EQ(writer_of(3), ledger_prefix(after));
    EXPECT_EQ(ancestors_of(ledger()).value(), std::vector{before});
    expect_whole();
}

TEST_P(ForkContract, AMovedLedgerTakesNothingButAFork) {
    const auto moving = [] {
        Submission submission;
        submission.intent = domain::move_ledger({order(), {"topic", "decklog"}});
        return submission;
    };
    const Submission kept = keyed(append("s"), key(1), hash(1));
    ASSERT_TRUE(submit(kept));
    // In one turn: what comes behind the move sees it.
    const auto answers = submit_all({append("s"), moving(), append("s")});
    EXPECT_TRUE(answers[0].has_value());
    EXPECT_TRUE(answers[1].has_value());
    ASSERT_FALSE(answers[2].has_value());
    EXPECT_EQ(answers[2].error().kind, Refused::moved);
    EXPECT_EQ(submit(append("s")).error().kind, Refused::moved);
    EXPECT_EQ(submit(moving()).error().kind, Refused::moved);
    EXPECT_EQ(submit(kept)->outcome, Outcome::repeated);
    const auto hold = Hold::open(ledger()).value();
    EXPECT_EQ(hold->moved_at(), (domain::Position{0, ledger().head(0).next_ordinal - 1}));
    forked();
    EXPECT_TRUE(submit(append("s")).has_value());
    EXPECT_EQ(hold->moved_at(), std::nullopt);
    EXPECT_TRUE(hold->is_held());
    expect_whole();
}

TEST_P(ForkContract, CursorsOfBeforeAreOfAnotherLedger) {
    const std::string before = domain::to_cursor(ledger().ledger_id(), {0, 0});
    forked();
    EXPECT_EQ(domain::parse_cursor(before, ledger().ledger_id()).error,
              domain::CursorError::other_ledger);
}

TEST_P(ForkContract, LaterItemsOfTheSameTurnBearTheNewId) {
    const domain::LedgerId before = ledger().ledger_id();
    domain::LedgerId id, next;
    id.bytes.fill(1);
    next.bytes.fill(2);
    const auto answers =
        submit_all({append("s"), fork_to(id), append("s"), fork_to(next), append("s")});
    for (const Answer& answer : answers) ASSERT_TRUE(answer) << answer.error().rejection.code;
    EXPECT_EQ(writer_of(1), ledger_prefix(before));
    EXPECT_EQ(writer_of(2), ledger_prefix(id));
    EXPECT_EQ(writer_of(3), ledger_prefix(id));
    EXPECT_EQ(writer_of(4), ledger_prefix(next));
    EXPECT_EQ(writer_of(5), ledger_prefix(next));
    EXPECT_EQ(ledger().ledger_id(), next);
    EXPECT_EQ(ancestors_of(ledger()).value(), (std::vector{before, id}));
    expect_whole();
}

TEST_P(ForkContract, KeysOfBeforeAreStillKnown) {
    const Submission once = keyed(append("s"), key(1), hash(1));
    ASSERT_TRUE(submit(once));
    forked();
    EXPECT_EQ(submit(once)->outcome, Outcome::repeated);
}

TEST_P(ForkContract, IsHeldUntilItIsAdopted) {
    const auto hold = Hold::open(ledger()).value();
    EXPECT_FALSE(hold->is_held());
    EXPECT_EQ(submit(adopt())->outcome, Outcome::noted) << "nothing to adopt";
    forked();
    EXPECT_EQ(hold->held_since(), (domain::Position{0, 2}));
    EXPECT_TRUE(Hold::open(ledger()).value()->is_held()) << "found in the log";
    EXPECT_EQ(submit(adopt())->outcome, Outcome::accepted);
    EXPECT_FALSE(hold->is_held());
    EXPECT_FALSE(Hold::open(ledger()).value()->is_held());
    forked();
    EXPECT_TRUE(hold->is_held());
    EXPECT_TRUE(Hold::open(ledger()).value()->is_held());
}

TEST_P(ForkContract, TiesTheVaultToTheNewId) {
    ASSERT_TRUE(vault_->bind(ledger().ledger_id()));
    const domain::LedgerId before = ledger().ledger_id();
    forked();
    EXPECT_TRUE(vault_->bind(ledger().ledger_id()));
    EXPECT_FALSE(vault_->bind(before));
}

}  // namespace decklog::store::contract
