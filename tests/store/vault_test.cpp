// The rules of every vault. What only a directory can show (permissions, reopening, damage) is in
// rocks_vault_test.
#include "store/vault/vault.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <semaphore>
#include <set>
#include <thread>

#include "store/rocks_ledger.hpp"
#include "store/vault/keyed_vault.hpp"
#include "store/vault/seal.hpp"

namespace decklog::store::vault_test {
namespace {

using domain::Bytes;

Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }

NativeSubject person(const std::string& id) { return {"person", "whatsapp", id}; }

domain::SubjectId subject_of(Vault& vault, const NativeSubject& native) {
    const auto subjects = vault.subjects_for(std::span(&native, 1));
    EXPECT_TRUE(subjects) << subjects.error().context;
    return subjects ? subjects->front() : domain::SubjectId{};
}

std::string opened(const Vault& vault, const Bytes& sealed) {
    const auto result = vault.open(sealed);
    if (!result) return "error: " + result.error().context;
    if (std::holds_alternative<Erased>(*result)) return "[erased]";
    const Bytes& plain = std::get<Bytes>(*result);
    return std::string(plain.begin(), plain.end());
}

class MemoryVault : public testing::Test {
  protected:
    std::unique_ptr<Vault> vault_ = make_memory_vault(nullptr);
};

TEST_F(MemoryVault, GivesOnePersonOneSubject) {
    const std::vector<NativeSubject> natives{person("a"), person("b"), person("a")};
    const auto subjects = vault_->subjects_for(natives);
    ASSERT_TRUE(subjects);
    EXPECT_EQ((*subjects)[0], (*subjects)[2]);
    EXPECT_NE((*subjects)[0], (*subjects)[1]);
    EXPECT_EQ(subject_of(*vault_, person("b")), (*subjects)[1]);
    EXPECT_FALSE((*subjects)[0].is_zero());
}

TEST_F(MemoryVault, KeepsNameSpacesApart) {
    std::set<domain::SubjectId> subjects;
    for (const NativeSubject& native :
         {NativeSubject{"person", "telegram", "1"}, NativeSubject{"person", "slack", "1"},
          NativeSubject{"conversation", "telegram", "1"}, NativeSubject{"person", "telegram1", ""},
          NativeSubject{"persontelegram", "", "1"}}) {
        subjects.insert(subject_of(*vault_, native));
    }
    EXPECT_EQ(subjects.size(), 5U);
}

TEST_F(MemoryVault, FindsWithoutCreating) {
    EXPECT_EQ(*vault_->find_subject(person("a")), std::nullopt);
    EXPECT_EQ(*vault_->find_subject(person("a")), std::nullopt);
    const auto subject = subject_of(*vault_, person("a"));
    EXPECT_EQ(*vault_->find_subject(person("a")), subject);
}

TEST_F(MemoryVault, OpensWhatItSealed) {
    const auto subject = subject_of(*vault_, person("a"));
    for (const std::string& text :
         {std::string("hello"), std::string(), std::string(300'000, 'x')}) {
        const auto sealed = vault_->seal(subject, bytes_of(text));
        ASSERT_TRUE(sealed);
        EXPECT_EQ(sealed->size(), text.size() + kSealOverheadBytes);
        EXPECT_EQ(sealed->front(), kSealAlgorithm);
        EXPECT_EQ(opened(*vault_, *sealed), text);
    }
}

TEST_F(MemoryVault, NeverSealsTwiceAlike) {
    const auto subject = subject_of(*vault_, person("a"));
    EXPECT_NE(*vault_->seal(subject, bytes_of("same")), *vault_->seal(subject, bytes_of("same")));
}

TEST_F(MemoryVault, RefusesToSealForAStranger) {
    const auto sealed = vault_->seal(domain::SubjectId{{1, 2, 3}}, bytes_of("x"));
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error().code, domain::ErrorCode::not_found);
}

TEST_F(MemoryVault, CallsEveryFlippedBitCorruptErasedOrUnknown) {
    const auto sealed = *vault_->seal(subject_of(*vault_, person("a")), bytes_of("hello"));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        Bytes bad = sealed;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto result = vault_->open(bad);
        if (bit / 8 == 0) {
            EXPECT_EQ(result.error().code, domain::ErrorCode::other_format);
        } else if (bit / 8 < 17) {
            // Names a key that does not exist: what an erased subject's part looks like.
            EXPECT_TRUE(result && std::holds_alternative<Erased>(*result)) << bit;
        } else {
            ASSERT_FALSE(result) << bit;
            EXPECT_EQ(result.error().code, domain::ErrorCode::corrupt);
        }
    }
}

TEST_F(MemoryVault, CallsShortAndLengthenedPartsCorrupt) {
    const auto sealed = *vault_->seal(subject_of(*vault_, person("a")), bytes_of("hello"));
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        EXPECT_EQ(vault_->open(std::span(sealed).first(size)).error().code,
                  domain::ErrorCode::corrupt);
    }
    Bytes longer = sealed;
    longer.push_back(0);
    EXPECT_EQ(vault_->open(longer).error().code, domain::ErrorCode::corrupt);
}

TEST_F(MemoryVault, DoesNotOpenAPartUnderAnotherSubjectsKey) {
    const auto a = *vault_->seal(subject_of(*vault_, person("a")), bytes_of("hello"));
    auto b = *vault_->seal(subject_of(*vault_, person("b")), bytes_of("hello"));
    std::copy_n(a.begin() + 1, 16, b.begin() + 1);
    EXPECT_EQ(vault_->open(b).error().code, domain::ErrorCode::corrupt);
}

TEST_F(MemoryVault, ShowsAnotherVaultsPartsAsErased) {
    const auto sealed = *vault_->seal(subject_of(*vault_, person("a")), bytes_of("hello"));
    EXPECT_EQ(opened(*make_memory_vault(nullptr), sealed), "[erased]");
}

TEST_F(MemoryVault, KeepsRawBodiesSmallAndWhole) {
    const Bytes body = bytes_of("{\"text\":\"" + std::string(50'000, 'a') + "\"}");
    const auto sealed = vault_->seal_raw(20'000, body);
    ASSERT_TRUE(sealed);
    EXPECT_LT(sealed->size(), 1'000U);
    EXPECT_EQ(std::get<Bytes>(*vault_->open_raw(*sealed)), body);
    EXPECT_EQ(std::get<Bytes>(*vault_->open_raw(*vault_->seal_raw(20'000, {}))), Bytes{});
}

TEST_F(MemoryVault, SealsTheRawBodiesOfADayWithOneKeyAndOfTwoDaysWithTwo) {
    const auto key = [](const Bytes& sealed) { return *sealed_with(sealed); };
    const Bytes body = bytes_of("x");
    EXPECT_EQ(key(*vault_->seal_raw(1, body)), key(*vault_->seal_raw(1, body)));
    EXPECT_NE(key(*vault_->seal_raw(1, body)), key(*vault_->seal_raw(2, body)));
}

TEST_F(MemoryVault, KeepsSubjectKeysAndDayKeysApart) {
    const auto of_subject = *vault_->seal(subject_of(*vault_, person("a")), bytes_of("x"));
    const auto of_day = *vault_->seal_raw(1, bytes_of("x"));
    EXPECT_EQ(vault_->open_raw(of_subject).error().code, domain::ErrorCode::corrupt);
    EXPECT_EQ(vault_->open(of_day).error().code, domain::ErrorCode::corrupt);
}

TEST_F(MemoryVault, BoundsRawBodies) {
    EXPECT_EQ(vault_->seal_raw(1, Bytes(kRawBodyBytesMax + 1)).error().code,
              domain::ErrorCode::invalid_argument);
    EXPECT_TRUE(vault_->open_raw(*vault_->seal_raw(1, Bytes(kRawBodyBytesMax))));
}

TEST_F(MemoryVault, HashesByPurposeAndPartsWithoutRunningThemTogether) {
    std::set<domain::Bytes16> hashes;
    const auto add = [&](HashPurpose purpose, const std::vector<std::string_view>& parts) {
        hashes.insert(vault_->keyed_hash(purpose, parts));
    };
    add(HashPurpose::room, {"ab", "c"});
    add(HashPurpose::message, {"ab", "c"});
    add(HashPurpose::room, {"a", "bc"});
    add(HashPurpose::room, {"abc"});
    add(HashPurpose::room, {"abc", ""});
    add(HashPurpose::room, {"", "abc"});
    add(HashPurpose::room, {});
    EXPECT_EQ(hashes.size(), 7U);
    add(HashPurpose::room, {"ab", "c"});
    EXPECT_EQ(hashes.size(), 7U);
}

TEST_F(MemoryVault, HashesDifferentlyInEveryVaultAndLength) {
    const std::string_view part = "x";
    const auto parts = std::span(&part, 1);
    EXPECT_NE(vault_->keyed_hash(HashPurpose::room, parts),
              make_memory_vault(nullptr)->keyed_hash(HashPurpose::room, parts));
    const auto long_hash = vault_->keyed_hash32(HashPurpose::room, parts);
    const auto short_hash = vault_->keyed_hash(HashPurpose::room, parts);
    EXPECT_FALSE(std::equal(short_hash.begin(), short_hash.end(), long_hash.begin()));
}

TEST_F(MemoryVault, TellsCommandsAndRequestsApart) {
    EXPECT_EQ(command_key(*vault_, "w", "s", "1"), command_key(*vault_, "w", "s", "1"));
    EXPECT_NE(command_key(*vault_, "w", "s", "1"), command_key(*vault_, "w2", "s", "1"));
    EXPECT_NE(command_key(*vault_, "w", "s", "1"), command_key(*vault_, "w", "s1", ""));
    EXPECT_NE(request_hash(*vault_, "c", "t", "any", "{}"),
              request_hash(*vault_, "c", "t", "1", "{}"));
    EXPECT_NE(request_hash(*vault_, "c", "t", "any", "1.0"),
              request_hash(*vault_, "c", "t", "any", "1"));
}

TEST_F(MemoryVault, GivesRacingCallersOneSubject) {
    constexpr int kThreads = 8;
    constexpr int kPeople = 50;
    std::vector<std::vector<domain::SubjectId>> seen(kThreads);
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < kPeople; ++i) {
                    // Overlapping lists in opposite orders, so that callers need what another one
                    // is creating.
                    std::vector<NativeSubject> natives{person(std::to_string(i)),
                                                       person(std::to_string(i + 1))};
                    if (t % 2 == 0) std::reverse(natives.begin(), natives.end());
                    const auto subjects = vault_->subjects_for(natives);
                    seen[static_cast<std::size_t>(t)].push_back((*subjects)[t % 2 == 0 ? 1 : 0]);
                }
            });
        }
    }
    for (const auto& subjects : seen) EXPECT_EQ(subjects, seen[0]);
    EXPECT_EQ(std::set(seen[0].begin(), seen[0].end()).size(), std::size_t{kPeople});
}

// ---- a vault over rows that fail ----

class FailingRows final : public VaultRows {
  public:
    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        std::string_view key) const override {
        return rows_->get(key);
    }
    [[nodiscard]] domain::Result<void> write(std::span<const VaultRow> rows,
                                             std::span<const std::string> erased) override {
        if (fail) return domain::fail(domain::ErrorCode::io, "disk");
        if (!rows.empty()) ++puts;
        return rows_->write(rows, erased);
    }
    [[nodiscard]] domain::Result<void> purge(std::atomic<bool>* cancelled) override {
        return rows_->purge(cancelled);
    }
    bool fail = false;
    int puts = 0;

  private:
    std::unique_ptr<VaultRows> rows_ = make_memory_rows();
};

TEST(VaultOverFailingRows, CreatesNobodyWhenTheWriteFailsAndRecovers) {
    auto rows = std::make_unique<FailingRows>();
    FailingRows& disk = *rows;
    const auto vault = *make_vault(std::move(rows), system_random(), NoMaster::create);
    disk.fail = true;
    const auto native = person("a");
    EXPECT_EQ(vault->subjects_for(std::span(&native, 1)).error().code, domain::ErrorCode::io);
    EXPECT_EQ(*vault->find_subject(native), std::nullopt);
    EXPECT_EQ(vault->seal_raw(1, {}).error().code, domain::ErrorCode::io);
    disk.fail = false;
    EXPECT_FALSE(subject_of(*vault, native).is_zero());
}

TEST(VaultOverFailingRows, WritesAllNewSubjectsOfACallTogetherAndNothingForKnownOnes) {
    auto rows = std::make_unique<FailingRows>();
    FailingRows& disk = *rows;
    const auto vault = *make_vault(std::move(rows), system_random(), NoMaster::create);
    const int before = disk.puts;
    const std::vector<NativeSubject> natives{person("a"), person("b"), person("c")};
    ASSERT_TRUE(vault->subjects_for(natives));
    EXPECT_EQ(disk.puts, before + 1);
    ASSERT_TRUE(vault->subjects_for(natives));
    EXPECT_EQ(disk.puts, before + 1);
}

TEST(VaultOverFailingRows, RefusesRowsWithoutAMasterKeyWhenItMayNotMakeOne) {
    const auto vault = make_vault(make_memory_rows(), system_random(), NoMaster::refuse);
    ASSERT_FALSE(vault);
    EXPECT_EQ(vault.error().code, domain::ErrorCode::corrupt);
}

/// Shows rows before they are durable, as RocksDB does while the fsync is under way.
class SlowRows final : public VaultRows {
  public:
    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        std::string_view key) const override {
        return rows_->get(key);
    }
    [[nodiscard]] domain::Result<void> write(std::span<const VaultRow> rows,
                                             std::span<const std::string> erased) override {
        auto written = rows_->write(rows, erased);
        if (slow) {
            visible.release();
            durable.acquire();
        }
        return written;
    }
    [[nodiscard]] domain::Result<void> purge(std::atomic<bool>* cancelled) override {
        return rows_->purge(cancelled);
    }
    bool slow = false;
    std::binary_semaphore visible{0}, durable{0};

  private:
    std::unique_ptr<VaultRows> rows_ = make_memory_rows();
};

TEST(VaultOverSlowRows, HandsNoSubjectOutBeforeItIsDurable) {
    auto rows = std::make_unique<SlowRows>();
    SlowRows& disk = *rows;
    const auto vault = *make_vault(std::move(rows), system_random(), NoMaster::create);
    disk.slow = true;
    domain::SubjectId created;
    domain::SubjectId waited;
    std::atomic<bool> answered = false;
    {
        std::jthread creator([&] { created = subject_of(*vault, person("a")); });
        disk.visible.acquire();
        EXPECT_EQ(*vault->find_subject(person("a")), std::nullopt);
        std::jthread waiter([&] {
            waited = subject_of(*vault, person("a"));
            answered = true;
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        EXPECT_FALSE(answered);
        disk.durable.release();
    }
    EXPECT_EQ(created, waited);
    EXPECT_EQ(*vault->find_subject(person("a")), created);
}

// ---- a vault over rows that other nodes write too ----

/// Two nodes: what one writes the other can read at once, and is told of. The first master row and
/// the first index row stand.
class SharedRows final : public VaultRows {
  public:
    explicit SharedRows(VaultRows& truth) : truth_(truth) {}
    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        std::string_view key) const override {
        if (is_behind) return std::nullopt;
        return truth_.get(key);
    }
    [[nodiscard]] domain::Result<void> write(std::span<const VaultRow> rows,
                                             std::span<const std::string> erased) override {
        is_behind = false;
        std::vector<VaultRow> standing;
        std::vector<std::string> keys(erased.begin(), erased.end());
        for (const VaultRow& row : rows) {
            const bool is_first_wins = row.key == master_row_key() || index_of_row(row.key);
            if (is_first_wins && *truth_.get(row.key)) continue;
            standing.push_back(row);
            keys.push_back(row.key);
        }
        auto written = truth_.write(standing, erased);
        if (other != nullptr && other->listener_) other->listener_(keys);
        return written;
    }
    void on_change(VaultRowsListener listener) override { listener_ = std::move(listener); }
    [[nodiscard]] domain::Result<void> purge(std::atomic<bool>* cancelled) override {
        return truth_.purge(cancelled);
    }
    bool is_behind = false;  // reads nothing before its next write
    SharedRows* other = nullptr;

  private:
    VaultRows& truth_;
    VaultRowsListener listener_;
};

class VaultsOfTwoNodes : public testing::Test {
  protected:
    [[nodiscard]] std::unique_ptr<Vault> open(std::unique_ptr<SharedRows> rows) {
        return *make_vault(std::move(rows), system_random(), NoMaster::create);
    }
    const std::unique_ptr<VaultRows> truth_ = make_memory_rows();
    std::unique_ptr<SharedRows> first_rows_ = std::make_unique<SharedRows>(*truth_);
    std::unique_ptr<SharedRows> second_rows_ = std::make_unique<SharedRows>(*truth_);
};

TEST_F(VaultsOfTwoNodes, TheLaterMasterKeyIsNeverInForce) {
    second_rows_->is_behind = true;
    const auto first = open(std::move(first_rows_));
    const auto second = open(std::move(second_rows_));
    EXPECT_EQ(command_key(*first, "w", "s", "1"), command_key(*second, "w", "s", "1"));
}

TEST_F(VaultsOfTwoNodes, TheLaterSubjectOfAPersonIsNeverHandedOut) {
    SharedRows& late = *second_rows_;
    const auto first = open(std::move(first_rows_));
    const auto second = open(std::move(second_rows_));
    const auto subject = subject_of(*first, person("a"));
    late.is_behind = true;
    EXPECT_EQ(subject_of(*second, person("a")), subject);
    EXPECT_EQ(opened(*first, *second->seal(subject, bytes_of("hello"))), "hello");
}

TEST_F(VaultsOfTwoNodes, NobodyKeepsACopyOfWhatTheOtherErased) {
    SharedRows& eraser = *first_rows_;
    eraser.other = second_rows_.get();
    const auto first = open(std::move(first_rows_));
    const auto second = open(std::move(second_rows_));
    const auto subject = subject_of(*second, person("a"));
    const auto sealed = *second->seal(subject, bytes_of("hello"));
    ASSERT_EQ(opened(*second, sealed), "hello");
    ASSERT_TRUE((*first->hold(subject, std::chrono::milliseconds(100)))->destroy());
    EXPECT_EQ(opened(*second, sealed), "[erased]");
    EXPECT_EQ(*second->find_subject(person("a")), std::nullopt);
    EXPECT_EQ(second->seal(subject, bytes_of("x")).error().code, domain::ErrorCode::not_found);
    EXPECT_NE(subject_of(*second, person("a")), subject);
}

// ---- a missing vault ----

TEST(MissingVault, NeitherOpensNorSealsNorCallsAnythingErased) {
    const auto whole = make_memory_vault(nullptr);
    const auto sealed = *whole->seal(subject_of(*whole, person("a")), bytes_of("hello"));
    const auto vault = make_missing_vault(system_random());
    EXPECT_TRUE(vault->missing());
    EXPECT_FALSE(whole->missing());
    const auto native = person("a");
    EXPECT_EQ(vault->open(sealed).error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(vault->open_raw(sealed).error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(vault->find_subject(native).error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(vault->subjects_for(std::span(&native, 1)).error().code,
              domain::ErrorCode::not_found);
    EXPECT_EQ(vault->seal({}, bytes_of("x")).error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(vault->seal_raw(1, bytes_of("x")).error().code, domain::ErrorCode::not_found);
    EXPECT_NE(command_key(*vault, "w", "s", "1"),
              command_key(*make_missing_vault(system_random()), "w", "s", "1"));
}

}  // namespace
}  // namespace decklog::store::vault_test
