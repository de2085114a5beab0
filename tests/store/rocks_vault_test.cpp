// What only a vault on disk can show: permissions, reopening, damage, a vault that is not there.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "store/rocks_ledger.hpp"
#include "store/vault/vault.hpp"
#include "tests/sanitizers/forks.hpp"
#include "tests/store/temporary_directory.hpp"

namespace decklog::store::rocks_vault_test {
namespace {

using domain::Bytes;

Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }

NativeSubject person(const std::string& id) { return {"person", "whatsapp", id}; }

domain::SubjectId subject_of(Vault& vault, const std::string& id) {
    const NativeSubject native = person(id);
    const auto subjects = vault.subjects_for(std::span(&native, 1));
    EXPECT_TRUE(subjects) << subjects.error().context;
    return subjects ? subjects->front() : domain::SubjectId{};
}

class RocksVault : public testing::Test {
  protected:
    [[nodiscard]] std::unique_ptr<Vault> open(bool ledger_exists = false) const {
        auto vault = open_rocks_vault(root_, ledger_exists, nullptr);
        EXPECT_TRUE(vault) << vault.error().context;
        return vault ? std::move(*vault) : nullptr;
    }
    [[nodiscard]] std::filesystem::path newest_file(const std::string& extension) const {
        std::filesystem::path newest;
        for (const auto& entry : std::filesystem::directory_iterator(root_ / "vault")) {
            const auto& path = entry.path();
            if (path.extension() == extension && std::filesystem::file_size(path) > 0)
                newest = std::max(newest, path);
        }
        return newest;
    }

    TemporaryDirectory directory_;
    std::filesystem::path root_ = directory_.path();
};

TEST_F(RocksVault, KeepsSubjectsKeysAndHashesAcrossOpens) {
    domain::SubjectId subject;
    Bytes sealed;
    Bytes raw;
    domain::CommandKey key;
    {
        const auto vault = open();
        subject = subject_of(*vault, "a");
        sealed = *vault->seal(subject, bytes_of("hello"));
        raw = *vault->seal_raw(20'000, bytes_of("body"));
        key = command_key(*vault, "w", "s", "1");
    }
    for (int again = 0; again < 3; ++again) {
        const auto vault = open(true);
        EXPECT_FALSE(vault->missing());
        EXPECT_EQ(subject_of(*vault, "a"), subject);
        EXPECT_EQ(std::get<Bytes>(*vault->open(sealed)), bytes_of("hello"));
        EXPECT_EQ(std::get<Bytes>(*vault->open_raw(raw)), bytes_of("body"));
        EXPECT_EQ(command_key(*vault, "w", "s", "1"), key);
        EXPECT_EQ(std::get<Bytes>(*vault->open(*vault->seal(subject, bytes_of("more")))),
                  bytes_of("more"));
    }
}

TEST_F(RocksVault, MakesEveryFilePrivate) {
    std::filesystem::permissions(root_, std::filesystem::perms(0755));
    subject_of(*open(), "a");
    subject_of(*open(), "b");  // recovery writes a table file, a new WAL and a new manifest
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(root_ / "vault")) {
        struct stat status {};
        ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
        ++files;
    }
    EXPECT_GE(files, 6U);
    struct stat status {};
    ASSERT_EQ(::stat((root_ / "vault").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(RocksVault, HoldsNoNativeIdInItsFiles) {
    {
        const auto vault = open();
        subject_of(*vault, "16505551234");
    }
    EXPECT_TRUE(open());
    for (const auto& entry : std::filesystem::directory_iterator(root_ / "vault")) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(file), {}};
        EXPECT_EQ(content.find("16505551234"), std::string::npos) << entry.path();
    }
}

TEST_F(RocksVault, SurvivesAKillWithEveryAnsweredSubject) {
    DECKLOG_NEEDS_FORKS();
    int answers[2];
    ASSERT_EQ(::pipe(answers), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto vault = open();
        for (int i = 0;; ++i) {
            const auto subject = subject_of(*vault, std::to_string(i));
            if (::write(answers[1], subject.bytes.data(), subject.bytes.size()) < 0) ::_exit(1);
        }
    }
    ::close(answers[1]);
    std::vector<domain::SubjectId> answered;
    domain::SubjectId subject;
    while (::read(answers[0], subject.bytes.data(), subject.bytes.size()) == 16) {
        answered.push_back(subject);
        if (answered.size() == 40) ::kill(child, SIGKILL);
    }
    ::close(answers[0]);
    ::waitpid(child, nullptr, 0);
    ASSERT_GE(answered.size(), 40U);
    const auto vault = open(true);
    for (std::size_t i = 0; i < answered.size(); ++i) {
        EXPECT_EQ(*vault->find_subject(person(std::to_string(i))), answered[i]);
        EXPECT_TRUE(vault->seal(answered[i], bytes_of("x")));
    }
}

TEST_F(RocksVault, GivesRacingCallersOneSubject) {
    const auto vault = open();
    std::vector<std::vector<domain::SubjectId>> seen(6);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : seen) {
            threads.emplace_back([&] {
                for (int i = 0; i < 20; ++i) mine.push_back(subject_of(*vault, std::to_string(i)));
            });
        }
    }
    for (const auto& subjects : seen) EXPECT_EQ(subjects, seen[0]);
    EXPECT_EQ(std::set(seen[0].begin(), seen[0].end()).size(), 20U);
}

TEST_F(RocksVault, IsMissingBesideALedgerThatWasWrittenWithOne) {
    const auto vault = open(true);
    EXPECT_TRUE(vault->missing());
    EXPECT_FALSE(std::filesystem::exists(root_ / "vault"));
    EXPECT_EQ(vault->seal_raw(1, bytes_of("x")).error().code, domain::ErrorCode::not_found);
}

TEST_F(RocksVault, BelongsToTheLedgerThatItWasFirstOpenedFor) {
    const domain::LedgerId mine{{1}};
    ASSERT_TRUE(open()->bind(mine));
    const auto vault = open(true);
    EXPECT_TRUE(vault->bind(mine));
    const auto refused = vault->bind(domain::LedgerId{{2}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, domain::ErrorCode::corrupt);
    EXPECT_NE(refused.error().context.find("another ledger"), std::string::npos);
}

TEST_F(RocksVault, FollowsItsLedgerThroughAForkAndNoOtherLedger) {
    const domain::LedgerId original{{1}}, forked{{2}}, strange{{3}};
    ASSERT_TRUE(open()->bind(original));
    EXPECT_FALSE(open(true)->bind(forked, std::span(&strange, 1)));
    EXPECT_TRUE(open(true)->bind(forked, std::span(&original, 1)));
    EXPECT_TRUE(open(true)->bind(forked));
    EXPECT_FALSE(open(true)->bind(original)) << "a fork's vault does not go back";
}

TEST_F(RocksVault, BindsNothingWhereItIsMissing) {
    EXPECT_TRUE(open(true)->bind(domain::LedgerId{{1}}));
    EXPECT_FALSE(std::filesystem::exists(root_ / "vault"));
}

TEST_F(RocksVault, RefusesAnotherOpenOfTheSameFiles) {
    const auto vault = open();
    EXPECT_FALSE(open_rocks_vault(root_, false, nullptr));
}

// Damage is judged in a child: Debian's librocksdb is built with assertions, and its abort is a
// refusal as well.
enum class Verdict { refused, served_everything, served_less };

class DamagedVault : public RocksVault {
  protected:
    static constexpr int kPeople = 30;

    void SetUp() override {
        {
            const auto vault = open();
            for (int i = 0; i < kPeople; ++i)
                subjects_.push_back(subject_of(*vault, std::to_string(i)));
        }
        for (const auto& subject : subjects_)
            sealed_.push_back(*open(true)->seal(subject, bytes_of("hello")));
    }

    [[nodiscard]] Verdict judge() const {
        const pid_t child = ::fork();
        if (child == 0) {
            std::freopen("/dev/null", "w", stderr);
            ::_exit(served());
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        if (!WIFEXITED(status)) return Verdict::refused;
        return static_cast<Verdict>(WEXITSTATUS(status));
    }

    std::vector<domain::SubjectId> subjects_;
    std::vector<Bytes> sealed_;

  private:
    [[nodiscard]] int served() const {
        const auto vault = open_rocks_vault(root_, true, nullptr);
        if (!vault) return static_cast<int>(Verdict::refused);
        bool refused = false;
        for (const Bytes& part : sealed_) {
            const auto opened = (*vault)->open(part);
            if (!opened) refused = true;
            if (opened && std::holds_alternative<Erased>(*opened))
                return static_cast<int>(Verdict::served_less);
        }
        return static_cast<int>(refused ? Verdict::refused : Verdict::served_everything);
    }
};

TEST_F(DamagedVault, NeverCallsASubjectErasedBecauseOfAFlippedByteInATable) {
    DECKLOG_NEEDS_FORKS();
    const auto table = newest_file(".sst");
    ASSERT_FALSE(table.empty());
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(table));
    int refused = 0;
    for (std::streamoff at = 3; at < size; at += size / 12) {
        std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(at);
        const char byte = static_cast<char>(file.get());
        file.seekp(at);
        file.put(static_cast<char>(byte ^ 0x20));
        file.close();
        const Verdict verdict = judge();
        EXPECT_NE(verdict, Verdict::served_less) << at;
        if (verdict == Verdict::refused) ++refused;
        std::fstream mended(table, std::ios::in | std::ios::out | std::ios::binary);
        mended.seekp(at);
        mended.put(byte);
    }
    EXPECT_GT(refused, 0);
    EXPECT_EQ(judge(), Verdict::served_everything);
}

TEST_F(RocksVault, RefusesAFlippedByteInTheMiddleOfItsLog) {
    DECKLOG_NEEDS_FORKS();
    const pid_t child = ::fork();
    if (child == 0) {
        const auto vault = open();
        for (int i = 0; i < 30; ++i) subject_of(*vault, std::to_string(i));
        ::_exit(0);  // no clean close: everything is still in the log
    }
    ::waitpid(child, nullptr, 0);
    const auto log = newest_file(".log");
    ASSERT_FALSE(log.empty());
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(std::filesystem::file_size(log) / 2);
    file.seekg(at);
    const char byte = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 0x01));
    file.close();
    const auto vault = open_rocks_vault(root_, true, nullptr);
    ASSERT_FALSE(vault);
    EXPECT_EQ(vault.error().code, domain::ErrorCode::corrupt) << vault.error().context;
}

TEST_F(RocksVault, CatchesAVaultThatWasCutAtARecordBoundaryByItsHead) {
    std::filesystem::path wal;
    std::uintmax_t before_the_last = 0;
    {
        const auto vault = open();
        static_cast<void>(subject_of(*vault, "a"));
        wal = newest_file(".log");
        before_the_last = std::filesystem::file_size(wal);
        static_cast<void>(subject_of(*vault, "b"));
    }
    ASSERT_GT(std::filesystem::file_size(wal), before_the_last);
    std::filesystem::resize_file(wal, before_the_last);
    const auto cut = open_rocks_vault(root_, true, nullptr);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, domain::ErrorCode::corrupt);
    EXPECT_NE(cut.error().context.find("vault/HEAD"), std::string::npos) << cut.error().context;
    // The cut itself is clean: only HEAD knows.
    std::filesystem::remove(root_ / "vault" / "HEAD");
    EXPECT_TRUE(open(true) != nullptr);
}

TEST_F(RocksVault, CatchesACatalogueThatLostItsEnd) {
    { static_cast<void>(subject_of(*open(), "a")); }
    std::string name;
    std::ifstream(root_ / "vault" / "CURRENT") >> name;
    const auto manifest = root_ / "vault" / name;
    std::filesystem::resize_file(manifest, std::filesystem::file_size(manifest) - 1);
    const auto cut = open_rocks_vault(root_, true, nullptr);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, domain::ErrorCode::corrupt);
    EXPECT_NE(cut.error().context.find("vault/" + name + " was cut"), std::string::npos)
        << cut.error().context;
}

TEST_F(RocksVault, ReadsItsHeadAsAHintThatMayBeTornOrAbsent) {
    { static_cast<void>(subject_of(*open(), "a")); }
    std::filesystem::resize_file(root_ / "vault" / "HEAD", 17);
    { static_cast<void>(subject_of(*open(true), "b")); }
    std::filesystem::remove(root_ / "vault" / "HEAD");
    EXPECT_TRUE(open(true) != nullptr);
}

}  // namespace
}  // namespace decklog::store::rocks_vault_test
