// Backup and restore of a ledger of several partitions: each has its head in the manifest and in
// HEAD, is held to it, and goes on under the one new id.
#include <gmock/gmock.h>

#include "store/backup/backup.hpp"
#include "store/backup/checkpoint.hpp"
#include "store/backup/restore.hpp"
#include "store/directory/head_file.hpp"
#include "store/fork/fork.hpp"
#include "tests/store/rocks_fixture.hpp"
#include "tests/store/several_partitions.hpp"

namespace decklog::store::partitions_backup_test {

namespace fs = std::filesystem;

class PartitionsBackup : public testing::Test {
  protected:
    PartitionsBackup() : directory_(Directory::open(data(), std::chrono::milliseconds(0)).value()) {
        vault_ = open_rocks_vault(data(), false, nullptr).value();
        open(several::options());
        EXPECT_TRUE(vault_->bind(ledger_->ledger_id()));
        several::fill(*ledger_);
    }
    void open(const LedgerOptions& options) { ledger_ = rocks_test::open(data(), options); }
    [[nodiscard]] fs::path data() const { return place_.path() / "data"; }
    [[nodiscard]] fs::path backup() const { return place_.path() / "backups" / "a"; }
    [[nodiscard]] fs::path vault_file() const { return place_.path() / "vault.copy"; }
    [[nodiscard]] fs::path restored() const { return place_.path() / "restored"; }

    Manifest make() {
        const BackupWish wish{data(), backup(), vault_file(), 1'800'000'000'000'000};
        const auto made = make_backup(*ledger_, *vault_, wish, {});
        EXPECT_TRUE(made) << made.error().context;
        return made->manifest;
    }
    [[nodiscard]] RestoreWish wish() const {
        RestoreWish wish;
        wish.backup = backup();
        wish.data = restored();
        wish.vault_file = vault_file();
        return wish;
    }
    static tl::expected<RestoreReport, std::string> restore(const RestoreWish& wish) {
        auto begun = Restoration::begin(wish);
        if (!begun) return tl::unexpected(begun.error().context);
        auto report = (*begun)->run({});
        if (!report) return tl::unexpected(report.error().context);
        if (!report->problems.empty()) return tl::unexpected(report->problems.front());
        if (auto finished = (*begun)->finish(); !finished)
            return tl::unexpected(finished.error().context);
        return std::move(*report);
    }

    rocks_test::TempDir place_;
    Directory directory_;
    std::unique_ptr<Vault> vault_;
    rocks_test::SteppedClock ahead_;  // outlives the ledger that goes by it
    std::unique_ptr<Ledger> ledger_;
};

TEST_F(PartitionsBackup, NamesTheHeadOfEach) {
    const Manifest made = make();
    EXPECT_EQ(made.events(), 63U);
    const Manifest read = read_manifest(backup()).value();
    const CheckpointState copy = read_checkpoint(backup() / "ledger").value();
    const NotedHeads noted = read_heads(backup() / "HEAD").value();
    ASSERT_EQ(read.partitions.size(), 3U);
    ASSERT_EQ(copy.heads.size(), 3U);
    ASSERT_EQ(noted.size(), 3U);
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        const Head head = ledger_->head(partition);
        EXPECT_EQ(read.partitions[partition].head.next_ordinal, head.next_ordinal);
        EXPECT_EQ(read.partitions[partition].head.chain, head.chain);
        EXPECT_EQ(copy.heads[partition].chain, head.chain);
        EXPECT_EQ(noted[partition]->last, (domain::Position{partition, head.next_ordinal - 1}));
    }
}

TEST_F(PartitionsBackup, ComesBackWholeUnderOneNewId) {
    const Manifest made = make();
    const auto report = restore(wish());
    ASSERT_TRUE(report) << report.error();
    EXPECT_FALSE(report->vault_is_older);
    EXPECT_EQ(report->events, made.events() + 3);
    ASSERT_EQ(report->forked_at.size(), 3U);
    const auto ledger = rocks_test::open(restored());
    ASSERT_EQ(ledger->partitions(), 3U);
    EXPECT_NE(report->ledger, made.ledger);
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        const Head& head = made.partitions[partition].head;
        EXPECT_EQ(report->forked_at[partition], (domain::Position{partition, head.next_ordinal}));
        EXPECT_EQ(ledger->chain_before({partition, head.next_ordinal}).value(), head.chain);
        EXPECT_EQ(id_in(*ledger, partition).value(), report->ledger);
    }
    const VerifyReport verified = verify(*ledger, {}).value();
    EXPECT_TRUE(verified.ok()) << verified.problem;
    ledger->stop();
    EXPECT_TRUE(Directory::open(restored(), std::chrono::milliseconds(0)));
}

TEST_F(PartitionsBackup, HoldsEachPartitionToItsOwnHead) {
    Manifest made = make();
    made.partitions[1].head.chain[5] ^= 1;
    fs::remove(backup() / kManifestName);
    ASSERT_TRUE(write_private_file(backup() / kManifestName, to_text(made)));
    const auto chain = restore(wish());
    ASSERT_FALSE(chain);
    EXPECT_THAT(chain.error(), testing::HasSubstr("partition 1 ends at event 21"));
    made.partitions.pop_back();
    ASSERT_TRUE(write_private_file(backup() / kManifestName, to_text(made)));
    const auto fewer = restore(wish());
    ASSERT_FALSE(fewer);
    EXPECT_THAT(fewer.error(), testing::HasSubstr("3 partitions, the manifest says 2"));
    EXPECT_FALSE(fs::exists(restored() / "ledger")) << "nothing of it is left";
}

TEST_F(PartitionsBackup, AnEventOfAnyPartitionMakesTheVaultOlder) {
    make();
    const fs::path older = place_.path() / "older";
    fs::rename(vault_file(), older);
    fs::remove_all(backup());
    several::fill(*ledger_, 2, 1);
    make();
    RestoreWish wish = this->wish();
    wish.vault_file = older;
    const auto refused = restore(wish);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error(), testing::HasSubstr("had 63 events, the backup has 64"));
}

TEST_F(PartitionsBackup, AcceptsTheClockInThePartitionsThatAreBehindIt) {
    ledger_->stop();
    ledger_.reset();
    ahead_.step(system_clock().now_us() - ahead_.now_us() + 3'600'000'000);
    LedgerOptions options = several::options();
    options.clock = &ahead_;
    open(options);
    several::fill(*ledger_, 1, 1);
    const Manifest made = make();
    ASSERT_FALSE(restore(wish()));
    RestoreWish accepting = wish();
    accepting.accept_clock = true;
    const auto report = restore(accepting);
    ASSERT_TRUE(report) << report.error();
    EXPECT_EQ(report->events, made.events() + 3 + 1);
    const auto ledger = rocks_test::open(restored());
    const auto frame = ledger->frame_at({1, report->forked_at[1].ordinal + 1}).value();
    EXPECT_TRUE(frame->event(0).is(domain::EventType::clock_accepted));
}

}  // namespace decklog::store::partitions_backup_test
