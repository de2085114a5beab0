// A disk that fills up in the middle of a backup or a restore: an error, and no half of either.
#include <sys/mount.h>

#include "store/backup/backup.hpp"
#include "store/backup/erasure_list.hpp"
#include "store/backup/restore.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace backup_disk_full_test {

namespace fs = std::filesystem;

/// A file system smaller than the ledger; only root can have one.
class SmallDisk {
  public:
    explicit SmallDisk(fs::path at) : at_(std::move(at)) {
        fs::create_directories(at_);
        is_mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=400k") == 0;
    }
    ~SmallDisk() {
        if (is_mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    [[nodiscard]] bool is_mounted() const { return is_mounted_; }
    [[nodiscard]] const fs::path& path() const { return at_; }

  private:
    const fs::path at_;
    bool is_mounted_ = false;
};

class BackupOnAFullDisk : public testing::Test {
  protected:
    void SetUp() override {
        if (!disk_.is_mounted()) GTEST_SKIP() << "no small disk: mounting needs root";
        static_cast<void>(Directory::open(data(), {}).value());
        vault_ = open_rocks_vault(data(), false, nullptr).value();
        ledger_ = rocks_test::open(data());
        for (int i = 0; i < 6; ++i) rocks_test::fill(*ledger_, 2'000);
    }
    [[nodiscard]] fs::path data() const { return place_.path() / "data"; }
    domain::Result<BackupMade> make(const fs::path& into) {
        return make_backup(*ledger_, *vault_, {data(), into, std::nullopt, 1}, {});
    }

    rocks_test::TempDir place_;
    SmallDisk disk_{place_.path() / "small"};
    std::unique_ptr<Vault> vault_;
    std::unique_ptr<Ledger> ledger_;
};

}  // namespace backup_disk_full_test

using backup_disk_full_test::BackupOnAFullDisk;

TEST_F(BackupOnAFullDisk, LeavesNoHalfOfABackup) {
    const auto made = make(disk_.path() / "a");
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().context.find("No space left"), std::string::npos)
        << made.error().context;
    EXPECT_FALSE(std::filesystem::exists(disk_.path() / "a"));
    EXPECT_EQ(ledger_->state(), WriterState::ready) << "the ledger's own disk is another one";
    EXPECT_TRUE(rocks_test::submit(*ledger_, rocks_test::append("s")));
}

TEST_F(BackupOnAFullDisk, LeavesNoHalfOfARestore) {
    ASSERT_TRUE(make(place_.path() / "backups" / "a"));
    RestoreWish wish;
    wish.backup = place_.path() / "backups" / "a";
    wish.data = disk_.path() / "restored";
    {
        auto begun = Restoration::begin(wish).value();
        const auto report = begun->run({});
        ASSERT_FALSE(report);
        EXPECT_NE(report.error().context.find("No space left"), std::string::npos)
            << report.error().context;
    }
    EXPECT_FALSE(std::filesystem::exists(wish.data));
    wish.data = place_.path() / "restored";
    auto begun = Restoration::begin(wish).value();
    EXPECT_TRUE(begun->run({}));
    EXPECT_TRUE(begun->finish());
}

}  // namespace decklog::store
