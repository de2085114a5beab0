// A fork of a ledger of several partitions: one new id for all of them, and one that was cut short
// goes on with the id that it gave.
#include "store/fork/fork.hpp"

#include "store/fork/hold.hpp"
#include "tests/store/rocks_fixture.hpp"
#include "tests/store/several_partitions.hpp"

namespace decklog::store::fork_partitions_test {

domain::LedgerOrder order() {
    domain::LedgerOrder order;
    order.actor = {"system", "decklog"};
    order.recorded_by = "decklog";
    order.now_us = 1'800'000'000'000'000;
    return order;
}

class ForkPartitions : public testing::Test {
  protected:
    ForkPartitions() : ledger_(rocks_test::open(dir_.path(), several::options())) {
        several::fill(*ledger_);
        EXPECT_TRUE(vault_->bind(ledger_->ledger_id()));
    }
    ~ForkPartitions() override { ledger_->stop(); }
    domain::Result<domain::LedgerId> fork() {
        return store::fork(*ledger_, *vault_, system_random(), order(), "restore");
    }
    void fork_alone(std::uint32_t partition, const domain::LedgerId& id) {
        domain::ForkLedger command{order(), id, "restore"};
        command.order.partition = partition;
        Submission submission;
        submission.intent = domain::fork_ledger(std::move(command));
        ASSERT_TRUE(several::submit_to(*ledger_, partition, std::move(submission)));
    }
    void expect_all_called(const domain::LedgerId& id) {
        EXPECT_EQ(ledger_->ledger_id(), id);
        for (std::uint32_t partition = 0; partition < several::kPartitions; ++partition) {
            EXPECT_EQ(id_in(*ledger_, partition).value(), id) << partition;
            const auto last = ledger_->frame_at({partition, 10 * (partition + 1) + 1}).value();
            EXPECT_TRUE(last->event(0).is(domain::EventType::ledger_forked)) << partition;
            EXPECT_EQ(ledger_->head(partition).next_ordinal, 10 * (partition + 1) + 2)
                << "one fork each";
        }
        const VerifyReport report = verify(*ledger_, {}).value();
        EXPECT_TRUE(report.ok()) << report.problem;
    }

    rocks_test::TempDir dir_;
    std::unique_ptr<Vault> vault_ = make_memory_vault(nullptr);
    std::unique_ptr<Ledger> ledger_;
};

TEST_F(ForkPartitions, GivesAllOneNewId) {
    const domain::LedgerId before = ledger_->ledger_id();
    const auto id = fork();
    ASSERT_TRUE(id) << id.error().context;
    EXPECT_NE(*id, before);
    expect_all_called(*id);
    EXPECT_TRUE(vault_->bind(*id)) << "the vault moved along";
}

TEST_F(ForkPartitions, GoesOnWithTheIdOfOneThatWasCutShort) {
    const domain::LedgerId before = ledger_->ledger_id();
    const domain::LedgerId begun{{9, 8, 7, 6, 5}};
    fork_alone(2, begun);
    EXPECT_EQ(ledger_->ledger_id(), before) << "partition 0 is forked last";
    EXPECT_TRUE(verify(*ledger_, {})->ok()) << "half a fork is no damage";
    EXPECT_EQ(fork().value(), begun);
    expect_all_called(begun);
}

TEST_F(ForkPartitions, ComeBackEachUnderItsOwnName) {
    fork_alone(1, {{9, 8, 7, 6, 5}});
    ledger_->stop();
    ledger_.reset();
    ledger_ = rocks_test::open(dir_.path());
    EXPECT_EQ(fork().value(), (domain::LedgerId{{9, 8, 7, 6, 5}}));
    ledger_->stop();
    ledger_.reset();
    ledger_ = rocks_test::open(dir_.path());
    expect_all_called({{9, 8, 7, 6, 5}});
}

TEST_F(ForkPartitions, ItIsHeldWhenPartition0Is) {
    const auto hold = Hold::open(*ledger_).value();
    fork_alone(2, {{9, 8, 7, 6, 5}});
    EXPECT_FALSE(hold->is_held());
    ASSERT_TRUE(fork());
    EXPECT_EQ(hold->held_since(), (domain::Position{0, 11}));
}

}  // namespace decklog::store::fork_partitions_test
