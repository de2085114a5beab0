// Who was erased after a backup was made stays erased when it is restored, with the keys that the
// vault's copy of that day brings back, and without any.
#include <map>

#include "store/backup/backup.hpp"
#include "store/backup/erasure_list.hpp"
#include "store/backup/restore.hpp"
#include "store/erasure.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace erased_backup_test {

namespace fs = std::filesystem;

class ErasedAfterABackup : public testing::Test {
  protected:
    ErasedAfterABackup() {
        static_cast<void>(Directory::open(data(), {}).value());
        vault_ = open_rocks_vault(data(), false, nullptr).value();
        ledger_ = rocks_test::open(data());
        EXPECT_TRUE(vault_->bind(ledger_->ledger_id()));
        ann_ = say("ann");
        bob_ = say("bob");
        BackupWish wish{data(), backup(), vault_file(), 1};
        EXPECT_TRUE(make_backup(*ledger_, *vault_, wish, {}));
        erase(ann_);
    }
    [[nodiscard]] fs::path data() const { return place_.path() / "data"; }
    [[nodiscard]] fs::path backup() const { return place_.path() / "backups" / "a"; }
    [[nodiscard]] fs::path vault_file() const { return place_.path() / "vault.copy"; }
    [[nodiscard]] fs::path restored() const { return place_.path() / "restored"; }

    /// An event of this person, sealed; the person's subject.
    domain::SubjectId say(const std::string& name) {
        const NativeSubject native{"person", "telegram", name};
        const auto subjects = vault_->subjects_for(std::span(&native, 1)).value();
        const domain::SubjectId subject = subjects.front();
        const std::vector<std::uint8_t> words(name.begin(), name.end());
        domain::NewEvent event = rocks_test::event("stream/" + name);
        event.subject = subject;
        event.sealed = vault_->seal(subject, words).value();
        sealed_[subject] = event.sealed;
        Submission submission;
        submission.intent = domain::fact("say", std::move(event));
        EXPECT_TRUE(rocks_test::submit(*ledger_, std::move(submission)));
        return subject;
    }
    void erase(const domain::SubjectId& subject) {
        ErasureOrder order;
        order.reason = "asked for it";
        order.now_us = 5;
        ErasureHooks hooks;
        hooks.list = [this](const std::vector<LoggedErasure>& erasures) {
            std::vector<ListedErasure> lines;
            for (const LoggedErasure& one : erasures)
                lines.push_back({one.subject, one.recorded_at_us, one.reason});
            return append_erasures(erasure_list_in(backup().parent_path()), lines);
        };
        const auto erased = erase_subject(*ledger_, *vault_, subject, order, hooks);
        ASSERT_TRUE(erased) << erased.error().context;
        ASSERT_TRUE(*erased);
    }
    RestoreReport restore(const RestoreWish& wish) {
        auto begun = Restoration::begin(wish);
        EXPECT_TRUE(begun) << begun.error().context;
        auto report = (*begun)->run({});
        EXPECT_TRUE(report) << report.error().context;
        EXPECT_TRUE((*begun)->finish());
        return report ? std::move(*report) : RestoreReport{};
    }
    static std::uint64_t erasures_in(const Ledger& ledger) {
        std::uint64_t count = 0;
        IndexKey key;
        key.kind = IndexKey::Kind::type;
        key.type = static_cast<std::uint32_t>(domain::EventType::subject_erased);
        EXPECT_TRUE(ledger.scan(0, key, Order::ascending, std::nullopt, [&count](auto) {
            ++count;
            return true;
        }));
        return count;
    }

    rocks_test::TempDir place_;
    std::unique_ptr<Vault> vault_;
    std::unique_ptr<Ledger> ledger_;
    std::map<domain::SubjectId, domain::Bytes> sealed_;
    domain::SubjectId ann_, bob_;
};

TEST_F(ErasedAfterABackup, StaysErasedAlthoughTheVaultOfThatDayHasTheKey) {
    RestoreWish wish;
    wish.backup = backup();
    wish.data = restored();
    wish.vault_file = vault_file();
    const RestoreReport report = restore(wish);
    EXPECT_EQ(report.erasures.listed, 1U);
    EXPECT_EQ(report.erasures.applied, 1U);
    const auto vault = open_rocks_vault(restored(), true, nullptr).value();
    const auto ledger = rocks_test::open(restored());
    EXPECT_TRUE(std::holds_alternative<Erased>(vault->open(sealed_[ann_]).value()));
    EXPECT_TRUE(std::holds_alternative<domain::Bytes>(vault->open(sealed_[bob_]).value()))
        << "others are as they were";
    EXPECT_EQ(erasures_in(*ledger), 1U);
    EXPECT_TRUE(verify(*ledger, {})->ok());
}

TEST_F(ErasedAfterABackup, IsKnownFromTheLogTheNextTime) {
    BackupWish again{data(), place_.path() / "backups" / "b", place_.path() / "vault.again", 2};
    ASSERT_TRUE(make_backup(*ledger_, *vault_, again, {}));
    RestoreWish wish;
    wish.backup = again.into;
    wish.data = restored();
    wish.vault_file = again.vault_file;
    const RestoreReport report = restore(wish);
    EXPECT_EQ(report.erasures.known, 1U);
    EXPECT_EQ(report.erasures.applied, 0U);
    EXPECT_EQ(erasures_in(*rocks_test::open(restored())), 1U);
}

TEST_F(ErasedAfterABackup, StandsInAListThatWasLostOnceABackupIsMadeThere) {
    const fs::path list = erasure_list_in(backup().parent_path());
    ASSERT_TRUE(fs::remove(list));
    BackupWish again{data(), place_.path() / "backups" / "b", {}, 2};
    ASSERT_TRUE(make_backup(*ledger_, *vault_, again, {}));
    const auto listed = read_erasures(list);
    ASSERT_TRUE(listed) << listed.error().context;
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_EQ(listed->front().subject, ann_);
}

TEST_F(ErasedAfterABackup, IsSaidInTheLogForAVaultThatComesBackLater) {
    RestoreWish wish;
    wish.backup = backup();
    wish.data = restored();
    const RestoreReport report = restore(wish);
    EXPECT_EQ(report.erasures.applied, 1U);
    EXPECT_EQ(erasures_in(*rocks_test::open(restored())), 1U);
}

}  // namespace erased_backup_test
}  // namespace decklog::store
