// Backups of a real ledger: what they hold, what they refuse, and what is left of one that failed.
#include "store/backup/backup.hpp"

#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "store/backup/checkpoint.hpp"
#include "store/backup/erasure_list.hpp"
#include "store/backup/restore.hpp"
#include "store/directory/backup_places.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace backup_test {

namespace fs = std::filesystem;

class Backup : public testing::Test {
  protected:
    Backup() : directory_(Directory::open(data(), std::chrono::milliseconds(0)).value()) {
        vault_ = open_rocks_vault(data(), false, nullptr).value();
        LedgerOptions options;
        options.disk_free_bytes_min = 0;
        options.disk_free_share_min = 0;
        ledger_ = rocks_test::open(data(), options);
        EXPECT_TRUE(vault_->bind(ledger_->ledger_id()));
        rocks_test::fill(*ledger_, 50);
    }
    [[nodiscard]] fs::path data() const { return place_.path() / "data"; }
    [[nodiscard]] fs::path backups() const { return place_.path() / "backups"; }
    [[nodiscard]] fs::path vault_file() const { return place_.path() / "vault.copy"; }
    [[nodiscard]] fs::path restored() const { return place_.path() / "restored"; }

    domain::Result<BackupMade> make(const fs::path& into, bool with_vault = false,
                                    const BackupProgress& progress = {}) {
        BackupWish wish{data(), into, std::nullopt, 1'800'000'000'000'000};
        if (with_vault) wish.vault_file = vault_file();
        return make_backup(*ledger_, *vault_, wish, progress);
    }
    domain::SubjectId person(const std::string& name) {
        const NativeSubject native{"person", "telegram", name};
        return subject_of(vault_->subjects_for(std::span(&native, 1)).value());
    }
    /// Restores into restored(); the report, or the error's text.
    tl::expected<RestoreReport, std::string> restore(const fs::path& backup,
                                                     bool with_vault = false) {
        return restore(wish(backup, with_vault));
    }
    [[nodiscard]] RestoreWish wish(const fs::path& backup, bool with_vault = false) const {
        RestoreWish made;
        made.backup = backup;
        made.data = restored();
        if (with_vault) made.vault_file = vault_file();
        return made;
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
    static bool is_there(const fs::path& path) { return fs::exists(path); }

    template <class Subjects>
    static domain::SubjectId subject_of(const Subjects& subjects) {
        if constexpr (requires { subjects.ids; })
            return subjects.ids.front();
        else
            return subjects.front();
    }

    rocks_test::TempDir place_;
    Directory directory_;
    std::unique_ptr<Vault> vault_;
    rocks_test::SteppedClock ahead_;  // outlives the ledger that goes by it
    std::unique_ptr<Ledger> ledger_;
};

/// Changes one byte in the middle of a file, or cuts it there.
void flip(const fs::path& file) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(fs::file_size(file) / 2);
    stream.seekg(at);
    const char byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(at);
    stream.put(byte);
}

std::string content_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace backup_test

using backup_test::Backup;

TEST_F(Backup, HoldsTheLogAsItStoodAndSaysSo) {
    const Head head = ledger_->head(0);
    const auto made = make(backups() / "a");
    ASSERT_TRUE(made) << made.error().context;
    rocks_test::fill(*ledger_, 10);  // later events are not its own
    EXPECT_EQ(made->manifest.ledger, ledger_->ledger_id());
    EXPECT_EQ(made->manifest.partitions.front().head.next_ordinal, head.next_ordinal);
    EXPECT_EQ(made->manifest.partitions.front().head.chain, head.chain);
    const auto read = read_manifest(backups() / "a").value();
    EXPECT_EQ(read.files.size(), made->manifest.files.size());
    EXPECT_FALSE(read.has_vault);
    const auto state = read_checkpoint(backups() / "a" / "ledger").value();
    EXPECT_EQ(state.heads.front().chain, head.chain);
    EXPECT_EQ(files_under(backups() / "a").value().size(), read.files.size() + 1)
        << "the manifest and what it names, nothing else, also after reading";
    EXPECT_FALSE(is_there(backups() / "a" / "vault"));
}

TEST_F(Backup, CreatesTheListOfErasuresAndIsRemembered) {
    ASSERT_TRUE(make(backups() / "a"));
    EXPECT_TRUE(read_erasures(erasure_list_in(backups())).value().empty());
    ASSERT_TRUE(append_erasures(erasure_list_in(backups()),
                                std::vector{ListedErasure{domain::SubjectId{{1}}, 5, "asked"}}));
    ASSERT_TRUE(make(backups() / "b"));
    EXPECT_EQ(read_erasures(erasure_list_in(backups())).value().size(), 1U) << "kept";
    EXPECT_EQ(known_places(data()).value(), std::vector{backups()});
}

TEST_F(Backup, RefusesADirectoryThatIsUsedOrStandsInTheData) {
    ASSERT_TRUE(make(backups() / "a"));
    for (const auto& refused :
         {make(backups() / "a").error(), make(backups()).error(), make(data() / "backup").error(),
          make(place_.path()).error(), make("relative/path").error(),
          make(backups() / "a" / "n").error(), make(backups() / "a" / "ledger" / "n").error()}) {
        EXPECT_EQ(refused.code, domain::ErrorCode::invalid_argument) << refused.context;
    }
    EXPECT_TRUE(restore(backups() / "a")) << "the first one is as it was";
}

TEST_F(Backup, CopiesTheVaultToOnePrivateFileElsewhereOrNotAtAll) {
    const auto inside =
        make_backup(*ledger_, *vault_, {data(), backups() / "x", backups() / "x" / "vault", 1}, {});
    ASSERT_FALSE(inside);
    EXPECT_EQ(inside.error().code, domain::ErrorCode::invalid_argument);
    EXPECT_FALSE(is_there(backups() / "x"));
    const auto made = make(backups() / "a", true);
    ASSERT_TRUE(made) << made.error().context;
    EXPECT_TRUE(made->manifest.has_vault);
    struct stat info {};
    ASSERT_EQ(::stat(vault_file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(check_vault_file(vault_file())->rows, made->vault->rows);
    EXPECT_FALSE(make(backups() / "b", true)) << "a vault's copy is never overwritten";
    EXPECT_FALSE(is_there(backups() / "b"));
}

TEST_F(Backup, LeavesNothingWhenItIsEnded) {
    const auto ended = make(backups() / "a", true, [](auto, auto) { return false; });
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, domain::ErrorCode::stopped);
    EXPECT_FALSE(is_there(backups() / "a"));
    EXPECT_FALSE(is_there(vault_file()));
    std::filesystem::create_directories(backups() / "b");
    EXPECT_FALSE(make(backups() / "b", false, [](auto, auto) { return false; }));
    EXPECT_TRUE(std::filesystem::is_empty(backups() / "b"));
    EXPECT_TRUE(make(backups() / "b"));
}

TEST_F(Backup, UnderLoadHoldsAPrefixOfTheLog) {
    std::atomic<bool> enough{false};
    std::jthread writer([&] {
        // Bounded, since everything is restored and verified below, five times.
        for (int i = 0; i < 1'000 && !enough; ++i) {
            rocks_test::fill(*ledger_, 20);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    std::vector<Manifest> made;
    for (int i = 0; i < 5; ++i)
        made.push_back(make(backups() / std::to_string(i)).value().manifest);
    enough = true;
    writer.join();
    for (std::size_t i = 0; i < made.size(); ++i) {
        const Head& head = made[i].partitions.front().head;
        EXPECT_EQ(ledger_->chain_before({0, head.next_ordinal}).value(), head.chain);
        RestoreWish wanted = wish(backups() / std::to_string(i));
        wanted.data = place_.path() / ("restored-" + std::to_string(i));
        const auto restored = restore(wanted);
        ASSERT_TRUE(restored) << restored.error();
        EXPECT_EQ(restored->verified.events, head.next_ordinal);
    }
}

TEST_F(Backup, IsNoDataDirectory) {
    ASSERT_TRUE(make(backups() / "a"));
    const auto refused = Directory::open(backups() / "a", std::chrono::milliseconds(0));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().context.find("restore"), std::string::npos);
}

TEST_F(Backup, ComesBackAsAForkThatIsHeldWithItsKeys) {
    const domain::SubjectId who = person("ann");
    const std::vector<std::uint8_t> words{'h', 'i'};
    const domain::Bytes sealed = vault_->seal(who, words).value();
    const auto made = make(backups() / "a", true).value();
    const auto report = restore(backups() / "a", true);
    ASSERT_TRUE(report) << report.error();
    EXPECT_NE(report->ledger, made.manifest.ledger);
    EXPECT_EQ(report->forked_at.front().ordinal,
              made.manifest.partitions.front().head.next_ordinal);
    EXPECT_FALSE(report->vault_is_older);
    const auto vault = open_rocks_vault(restored(), true, nullptr).value();
    const auto ledger = rocks_test::open(restored());
    EXPECT_EQ(ledger->ledger_id(), report->ledger);
    EXPECT_TRUE(vault->bind(report->ledger)) << "the vault moved along";
    EXPECT_EQ(std::get<domain::Bytes>(vault->open(sealed).value()), words);
    const VerifyReport verified = verify(*ledger, {}).value();
    EXPECT_TRUE(verified.ok()) << verified.problem;
    EXPECT_EQ(verified.events, made.manifest.partitions.front().head.next_ordinal + 1);
    EXPECT_FALSE(is_there(restored() / kRestoringName));
    EXPECT_EQ(known_places(restored()).value(), std::vector{backups()})
        << "later erasures are listed beside the old backups too";
}

TEST_F(Backup, OfALaterClockIsForkedBeforeThatClockIsAccepted) {
    ledger_->stop();
    ledger_.reset();
    ahead_.step(system_clock().now_us() - ahead_.now_us() + 3'600'000'000);
    LedgerOptions options;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    options.clock = &ahead_;
    ledger_ = rocks_test::open(data(), options);
    rocks_test::fill(*ledger_, 1);
    const auto made = make(backups() / "a", true).value();
    const std::uint64_t end = made.manifest.partitions.front().head.next_ordinal;
    const auto refused = restore(backups() / "a", true);
    ASSERT_FALSE(refused);
    RestoreWish accepting = wish(backups() / "a", true);
    accepting.accept_clock = true;
    const auto report = restore(accepting);
    ASSERT_TRUE(report) << report.error();
    EXPECT_EQ(report->forked_at.front().ordinal, end) << "nothing is written under the old id";
    EXPECT_EQ(report->events, end + 2);
    const auto ledger = rocks_test::open(restored());
    const auto frame = ledger->frame_at({0, end + 1}).value();
    EXPECT_TRUE(frame->event(0).is(domain::EventType::clock_accepted));
    EXPECT_TRUE(verify(*ledger, {})->ok());
}

TEST_F(Backup, WithoutItsVaultComesBackToRead) {
    ASSERT_TRUE(make(backups() / "a"));
    const auto report = restore(backups() / "a");
    ASSERT_TRUE(report) << report.error();
    EXPECT_FALSE(report->vault.has_value());
    EXPECT_TRUE(open_rocks_vault(restored(), true, nullptr).value()->missing());
}

TEST_F(Backup, SharesNothingWithWhatIsRestoredFromIt) {
    ASSERT_TRUE(make(backups() / "a"));
    ASSERT_TRUE(restore(backups() / "a"));
    const auto names = files_under(restored()).value();
    for (const std::string& name : names) {
        struct stat info {};
        ASSERT_EQ(::stat((restored() / name).c_str(), &info), 0);
        EXPECT_EQ(info.st_nlink, 1U) << name;
    }
    std::filesystem::remove_all(restored());
    EXPECT_TRUE(restore(backups() / "a")) << "as often as one likes";
}

TEST_F(Backup, NamesEveryFileThatHasAFlippedByteIsCutOrIsMissing) {
    const auto files = make(backups() / "a").value().manifest.files;
    for (const ManifestFile& file : files) {
        if (file.sum.bytes == 0) continue;
        const std::filesystem::path path = backups() / "a" / file.name;
        const std::string whole = backup_test::content_of(path);
        // Hard links: a new file, so that the ledger keeps its own.
        const auto replace = [&path](const std::string& content) {
            std::filesystem::remove(path);
            std::ofstream(path, std::ios::binary) << content;
        };
        const auto expect_named = [&](const char* how) {
            const auto refused = restore(backups() / "a");
            ASSERT_FALSE(refused) << how << " " << file.name;
            EXPECT_EQ(refused.error().find(file.name), 0U) << how << ": " << refused.error();
            EXPECT_FALSE(is_there(restored())) << how << " " << file.name;
        };
        replace(whole);
        backup_test::flip(path);
        expect_named("flipped");
        replace(whole.substr(0, whole.size() / 2));
        expect_named("cut");
        std::filesystem::remove(path);
        expect_named("missing");
        replace(whole);
    }
    EXPECT_TRUE(restore(backups() / "a"));
}

TEST_F(Backup, NamesAFileThatTheManifestDoesNotKnow) {
    ASSERT_TRUE(make(backups() / "a"));
    std::ofstream(backups() / "a" / "ledger" / "999999.sst") << "x";
    EXPECT_EQ(restore(backups() / "a").error().find("ledger/999999.sst"), 0U);
}

TEST_F(Backup, IsNoneWithoutItsManifestOrWithADamagedOne) {
    ASSERT_TRUE(make(backups() / "a"));
    const std::filesystem::path manifest = backups() / "a" / kManifestName;
    backup_test::flip(manifest);
    EXPECT_EQ(restore(backups() / "a").error().find("manifest.json"), 0U);
    std::filesystem::remove(manifest);
    EXPECT_NE(restore(backups() / "a").error().find("no manifest.json"), std::string::npos);
    EXPECT_FALSE(is_there(restored()));
}

TEST_F(Backup, IsNotRestoredWithoutTheListOfErasures) {
    ASSERT_TRUE(make(backups() / "a"));
    std::filesystem::rename(erasure_list_in(backups()), place_.path() / "list");
    const auto refused = restore(backups() / "a");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().find("--erasures"), std::string::npos) << refused.error();
    EXPECT_FALSE(is_there(restored()));
    RestoreWish named = wish(backups() / "a");
    named.erasures = place_.path() / "list";
    EXPECT_TRUE(restore(named));
}

TEST_F(Backup, HasItsPlaceRememberedWithWhatAListFromElsewhereSays) {
    ASSERT_TRUE(make(backups() / "a"));
    const std::filesystem::path list = place_.path() / "fetched.txt";
    std::filesystem::rename(erasure_list_in(backups()), list);
    const std::vector<ListedErasure> erased{{domain::SubjectId{{7}}, 5, "asked"}};
    ASSERT_TRUE(append_erasures(list, erased));
    RestoreWish named = wish(backups() / "a");
    named.erasures = list;
    const auto report = restore(named);
    ASSERT_TRUE(report) << report.error();
    EXPECT_TRUE(report->unlisted.empty());
    EXPECT_EQ(known_places(restored()).value(), std::vector{backups()});
    const auto listed = read_erasures(erasure_list_in(backups()));
    ASSERT_TRUE(listed) << listed.error().context;
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_EQ(listed->front().subject, erased.front().subject);
}

TEST_F(Backup, HasThePlaceOfANamedListRememberedToo) {
    ASSERT_TRUE(make(backups() / "a"));
    const std::filesystem::path elsewhere = place_.path() / "elsewhere";
    std::filesystem::create_directories(elsewhere);
    std::filesystem::rename(erasure_list_in(backups()), erasure_list_in(elsewhere));
    RestoreWish named = wish(backups() / "a");
    named.erasures = erasure_list_in(elsewhere);
    ASSERT_TRUE(restore(named));
    EXPECT_EQ(known_places(restored()).value(), (std::vector{backups(), elsewhere}));
}

TEST_F(Backup, HasItsPlaceRememberedAlsoWhenNoListCanBeWrittenThereAndSaysSo) {
    ASSERT_TRUE(make(backups() / "a"));
    const std::filesystem::path list = place_.path() / "list";
    std::filesystem::rename(erasure_list_in(backups()), list);
    std::filesystem::create_directories(erasure_list_in(backups()));  // no file: also for root
    RestoreWish named = wish(backups() / "a");
    named.erasures = list;
    const auto report = restore(named);
    ASSERT_TRUE(report) << report.error();
    EXPECT_EQ(known_places(restored()).value(), std::vector{backups()});
    ASSERT_EQ(report->unlisted.size(), 1U);
    EXPECT_NE(report->unlisted.front().find(erasure_list_in(backups()).string()),
              std::string::npos);
}

TEST_F(Backup, IsNotRestoredIntoAUsedDirectoryOrIntoItself) {
    ASSERT_TRUE(make(backups() / "a"));
    std::filesystem::create_directories(restored());
    std::ofstream(restored() / "notes") << "mine";
    EXPECT_NE(restore(backups() / "a").error().find("not empty"), std::string::npos);
    EXPECT_EQ(backup_test::content_of(restored() / "notes"), "mine");
    RestoreWish inside = wish(backups() / "a");
    inside.data = backups() / "a" / "data";
    EXPECT_FALSE(restore(inside));
    EXPECT_FALSE(is_there(inside.data));
}

TEST_F(Backup, IsNotRestoredIntoWhatBelongsToAnotherLedger) {
    ASSERT_TRUE(make(backups() / "a"));
    ASSERT_TRUE(make(backups() / "b"));
    const std::filesystem::path link = place_.path() / "link";
    std::filesystem::create_directory_symlink(data(), link);
    for (const auto& into : {data() / "inner", data() / "ledger" / "inner", data() / "a" / "b",
                             backups() / "b" / "inner", link / "inner"}) {
        RestoreWish inside = wish(backups() / "a");
        inside.data = into;
        const auto refused = restore(inside);
        ASSERT_FALSE(refused) << into;
        EXPECT_NE(refused.error().find("neither inside nor around"), std::string::npos)
            << refused.error();
        EXPECT_FALSE(is_there(into));
    }
    EXPECT_FALSE(is_there(data() / "a"));
}

TEST_F(Backup, MayBeRestoredAgainWhereARestoreWasCutShort) {
    ASSERT_TRUE(make(backups() / "a"));
    std::filesystem::create_directories(restored() / "ledger");
    std::ofstream(restored() / kRestoringName) << "";
    std::ofstream(restored() / "ledger" / "000001.sst") << "half";
    const auto refused = Directory::open(restored(), std::chrono::milliseconds(0));
    ASSERT_FALSE(refused) << "nothing but a restore opens it";
    EXPECT_NE(refused.error().context.find("cut short"), std::string::npos);
    const auto report = restore(backups() / "a");
    EXPECT_TRUE(report) << report.error();
}

TEST_F(Backup, TakesAVaultOfItsOwnThatIsNotOlder) {
    ASSERT_TRUE(write_vault_file(*vault_, ledger_->ledger_id(), 3, vault_file()));
    ASSERT_TRUE(make(backups() / "a"));
    const auto older = restore(backups() / "a", true);
    ASSERT_FALSE(older);
    EXPECT_NE(older.error().find("--accept-older-vault"), std::string::npos) << older.error();
    EXPECT_FALSE(is_there(restored()));
    RestoreWish accepted = wish(backups() / "a", true);
    accepted.accept_older_vault = true;
    const auto report = restore(accepted);
    ASSERT_TRUE(report) << report.error();
    EXPECT_TRUE(report->vault_is_older);

    std::filesystem::remove_all(restored());
    std::filesystem::remove(vault_file());
    ASSERT_TRUE(write_vault_file(*vault_, domain::LedgerId{{9}}, 1'000, vault_file()));
    EXPECT_NE(restore(backups() / "a", true).error().find("another ledger"), std::string::npos);
}

TEST_F(Backup, VaultFileRefusesEveryFlippedByteAndEveryCut) {
    person("ann");
    ASSERT_TRUE(write_vault_file(*vault_, ledger_->ledger_id(), 3, vault_file()));
    const std::string whole = backup_test::content_of(vault_file());
    const auto refuses = [this](const std::string& content) {
        std::ofstream(vault_file(), std::ios::binary | std::ios::trunc) << content;
        return !check_vault_file(vault_file()).has_value();
    };
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 1);
        EXPECT_TRUE(refuses(flipped)) << at;
        EXPECT_TRUE(refuses(whole.substr(0, at))) << at;
    }
    EXPECT_TRUE(refuses(whole + "x"));
    EXPECT_FALSE(refuses(whole));
}

}  // namespace decklog::store
