// The thread of planned backups, turned by hand, over a real ledger.
#include "api/backup/backup_keeper.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "store/directory/directory.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::backup_keeper_test {

using namespace decklog::api::testing;
namespace fs = std::filesystem;

constexpr std::int64_t kDay = 86'400'000'000;

class MovedClock final : public store::Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const override { return now_; }
    [[nodiscard]] std::int64_t boot_us() const override { return now_; }
    std::atomic<std::int64_t> now_{1'795'638'600'000'000};
};

class Keeper : public ::testing::Test {
  protected:
    Keeper() : data_(store::Directory::open(place_.path() / "data", {}).value()) {
        store::LedgerOptions options;
        options.disk_free_bytes_min = 0;
        options.disk_free_share_min = 0;
        vault_ = store::open_rocks_vault(data_.root(), false, nullptr).value();
        ledger_ = store::open_rocks_ledger(data_.root(), options).value();
        plan_.dir = place_.path() / "backups";
        plan_.every_us = kDay;
        plan_.keep_days = 2;
        start();
    }
    void start() {
        backups_ = std::make_unique<Backups>(*ledger_, *vault_, clock_, data_.root(), plan_);
        keeper_ = std::make_unique<BackupKeeper>(*backups_);
    }
    bool look() { return keeper_->turn(); }
    void pass(std::int64_t us) { clock_.now_ += us; }
    [[nodiscard]] std::vector<std::string> made() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(plan_.dir)) {
            const std::string name = entry.path().filename().string();
            if (!name.starts_with("erasures")) names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    TemporaryDirectory place_;
    store::Directory data_;
    MovedClock clock_;
    BackupPlan plan_;
    std::unique_ptr<store::Vault> vault_;
    std::unique_ptr<store::Ledger> ledger_;
    std::unique_ptr<Backups> backups_;
    std::unique_ptr<BackupKeeper> keeper_;
};

using Names = std::vector<std::string>;

TEST_F(Keeper, MakesDatedBackupsAndDeletesWhatTheyOutlive) {
    look();
    EXPECT_EQ(made(), Names{"2026-11-25T203000Z"});
    EXPECT_TRUE(store::read_manifest(plan_.dir / "2026-11-25T203000Z"));
    look();
    EXPECT_EQ(made().size(), 1U) << "not due";
    for (int day = 0; day < 3; ++day) {
        pass(kDay);
        look();
    }
    EXPECT_EQ(made(), (Names{"2026-11-26T203000Z", "2026-11-27T203000Z", "2026-11-28T203000Z"}));
}

TEST_F(Keeper, IsNotPutOffByABackupOnDemand) {
    ASSERT_TRUE(look());
    pass(kDay);
    ASSERT_TRUE(backups_->make(place_.path() / "elsewhere" / "a", std::nullopt, {}));
    EXPECT_EQ(backups_->status().last_success_us, clock_.now_us());
    EXPECT_TRUE(look());
    EXPECT_EQ(made().size(), 2U);
}

TEST_F(Keeper, KnowsAfterARestartWhatStands) {
    look();
    pass(kDay / 2);
    start();
    look();
    EXPECT_EQ(made().size(), 1U);
    EXPECT_EQ(backups_->status().last_success_us, clock_.now_us() - kDay / 2);
}

TEST_F(Keeper, DeletesNothingThatIsNotItsOwnOrNotWhole) {
    look();
    store::Manifest strange = store::read_manifest(plan_.dir / "2026-11-25T203000Z").value();
    fs::create_directories(plan_.dir / "2020-01-01T000000Z");  // no manifest
    fs::create_directories(plan_.dir / "notes");
    strange.ledger.bytes.fill(9);
    strange.created_at_us = 1;
    fs::create_directories(plan_.dir / "2020-01-02T000000Z");
    std::ofstream(plan_.dir / "2020-01-02T000000Z" / "manifest.json") << store::to_text(strange);
    pass(5 * kDay);
    look();
    EXPECT_EQ(made(),
              (Names{"2020-01-01T000000Z", "2020-01-02T000000Z", "2026-11-30T203000Z", "notes"}));
}

TEST_F(Keeper, RemovesWhatAKilledProcessLeftInTheMaking) {
    const std::string mark =
        "." + domain::to_hex(ledger_->ledger_id().bytes).substr(0, 8) + ".partial";
    fs::create_directories(plan_.dir / (".2026-11-25T100000Z" + mark));
    fs::create_directories(plan_.dir / ".2026-11-25T100000Z.00000000.partial");
    look();
    EXPECT_EQ(made(), (Names{".2026-11-25T100000Z.00000000.partial", "2026-11-25T203000Z"}))
        << "another ledger's is left alone";
}

TEST_F(Keeper, RemovesTheVaultsCopyOfOneThatWasCutShort) {
    plan_.vault_dir = place_.path() / "vaults";
    start();
    const std::string mark =
        "." + domain::to_hex(ledger_->ledger_id().bytes).substr(0, 8) + ".partial";
    fs::create_directories(plan_.dir / (".2026-11-25T100000Z" + mark));
    fs::create_directories(*plan_.vault_dir);
    const auto write = [this](const char* name) { std::ofstream(*plan_.vault_dir / name) << "k"; };
    write("2026-11-25T100000Z.vault");
    write(".2026-11-25T100000Z.vault.tmp");
    write("2026-11-24T100000Z.vault");  // of a backup that was carried elsewhere
    look();
    EXPECT_FALSE(fs::exists(*plan_.vault_dir / "2026-11-25T100000Z.vault"));
    EXPECT_FALSE(fs::exists(*plan_.vault_dir / ".2026-11-25T100000Z.vault.tmp"));
    EXPECT_TRUE(fs::exists(*plan_.vault_dir / "2026-11-24T100000Z.vault"));
    EXPECT_TRUE(fs::exists(*plan_.vault_dir / "2026-11-25T203000Z.vault"));
}

TEST_F(Keeper, AFailureShowsUntilTheNextSuccessAndDeletesNothing) {
    look();
    pass(5 * kDay);
    EXPECT_TRUE(backups_->status().is_overdue);
    fs::rename(plan_.dir, place_.path() / "away");
    std::ofstream(plan_.dir) << "a file where the directory should be";
    look();
    EXPECT_EQ(backups_->status().failures, 1U);
    EXPECT_FALSE(backups_->status().failure.empty());
    fs::remove(plan_.dir);
    fs::rename(place_.path() / "away", plan_.dir);
    EXPECT_EQ(made(), Names{"2026-11-25T203000Z"});
    pass(kDay);
    look();
    EXPECT_TRUE(backups_->status().failure.empty());
    EXPECT_FALSE(backups_->status().is_overdue);
    EXPECT_EQ(made(), Names{"2026-12-01T203000Z"});
}

TEST_F(Keeper, CopiesTheVaultWhenThePlanSaysSoAndDeletesItToo) {
    plan_.vault_dir = place_.path() / "vaults";
    start();
    look();
    EXPECT_TRUE(fs::exists(*plan_.vault_dir / "2026-11-25T203000Z.vault"));
    pass(5 * kDay);
    look();
    EXPECT_FALSE(fs::exists(*plan_.vault_dir / "2026-11-25T203000Z.vault"));
    EXPECT_TRUE(fs::exists(*plan_.vault_dir / "2026-11-30T203000Z.vault"));
}

}  // namespace decklog::api::backup_keeper_test
