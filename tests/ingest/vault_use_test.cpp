// How the edge uses the vault: one call for all new people of a body, and 503 when it fails, since
// nothing was appended.
#include <gtest/gtest.h>

#include <thread>

#include "tests/ingest/harbour.hpp"

namespace decklog::ingest::vault_use_test {

/// Counts the calls that may wait for the disk, and fails them on demand.
class WatchedVault final : public store::Vault {
  public:
    domain::Result<store::Subjects> subjects_for(
        std::span<const store::NativeSubject> natives) override {
        ++subject_calls;
        if (fails) return domain::fail(domain::ErrorCode::io, "no room left", true);
        return vault_->subjects_for(natives);
    }
    domain::Result<std::optional<store::Subjects>> known_subjects(
        std::span<const store::NativeSubject> natives) override {
        auto known = vault_->known_subjects(natives);
        if (known && *known) ++subject_calls;
        return known;
    }
    domain::Result<std::optional<domain::SubjectId>> find_subject(
        const store::NativeSubject& native) const override {
        return vault_->find_subject(native);
    }
    domain::Result<domain::Bytes> seal(const domain::SubjectId& subject,
                                       std::span<const std::uint8_t> plain) override {
        return vault_->seal(subject, plain);
    }
    domain::Result<store::Opened> open(std::span<const std::uint8_t> sealed) const override {
        return vault_->open(sealed);
    }
    domain::Result<domain::Bytes> seal_raw(std::uint32_t day,
                                           std::span<const std::uint8_t> plain) override {
        if (fails) return domain::fail(domain::ErrorCode::io, "no room left", true);
        return vault_->seal_raw(day, plain);
    }
    domain::Result<store::Opened> open_raw(std::span<const std::uint8_t> sealed) const override {
        return vault_->open_raw(sealed);
    }
    domain::Result<std::unique_ptr<store::SubjectHold>> hold(
        const domain::SubjectId& subject, std::chrono::milliseconds patience) override {
        return vault_->hold(subject, patience);
    }
    domain::Result<std::size_t> count_keys(const domain::SubjectId& subject) const override {
        return vault_->count_keys(subject);
    }
    domain::Result<std::size_t> destroy_raw_keys(std::uint32_t day) override {
        return vault_->destroy_raw_keys(day);
    }
    domain::Result<void> purge(std::atomic<bool>* cancelled) override {
        return vault_->purge(cancelled);
    }
    domain::Result<std::uint64_t> erasures_finished() const override {
        return vault_->erasures_finished();
    }
    domain::Result<void> note_erasures_finished(std::uint64_t ordinal) override {
        return vault_->note_erasures_finished(ordinal);
    }
    domain::Bytes16 keyed_hash(store::HashPurpose purpose,
                               std::span<const std::string_view> parts) const override {
        return vault_->keyed_hash(purpose, parts);
    }
    domain::Bytes32 keyed_hash32(store::HashPurpose purpose,
                                 std::span<const std::string_view> parts) const override {
        return vault_->keyed_hash32(purpose, parts);
    }

    int subject_calls = 0;
    bool fails = false;

  private:
    std::unique_ptr<store::Vault> vault_ = store::make_memory_vault(nullptr);
};

class VaultUse : public testing::Test {
  protected:
    VaultUse() {
        auto vault = std::make_unique<WatchedVault>();
        watched_ = vault.get();
        harbour_.use_vault(std::move(vault));
    }
    harbour::Harbour harbour_;
    WatchedVault* watched_ = nullptr;
};

constexpr const char* kArrivals =
    R"({"update_id":1,"message":{"message_id":9,"date":1700000000,"from":{"id":1},"chat":{"id":-5,"type":"group"},"new_chat_members":[{"id":2},{"id":3},{"id":4}]}})";

TEST_F(VaultUse, AllNewPeopleOfOneBodyAreOneCall) {
    EXPECT_EQ(harbour_.post(Platform::telegram, kArrivals).status, 200);
    EXPECT_EQ(harbour_.stored().size(), 3U);
    EXPECT_EQ(watched_->subject_calls, 1);
}

TEST_F(VaultUse, AFailureIs503AndTheRepeatIsStoredOnce) {
    watched_->fails = true;
    const HookAnswer answer = harbour_.post(Platform::telegram, kArrivals);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.error_code, "vault_unavailable");
    EXPECT_TRUE(answer.retry_after_seconds.has_value());
    EXPECT_TRUE(harbour_.stored().empty());
    watched_->fails = false;
    EXPECT_EQ(harbour_.post(Platform::telegram, kArrivals).status, 200);
    EXPECT_EQ(harbour_.stored().size(), 3U);
}

TEST_F(VaultUse, NobodyNewIsCreatedForALedgerThatTakesNothingNew) {
    const auto said_by = [](int update, int person) {
        return R"({"update_id":)" + std::to_string(update) +
               R"(,"message":{"message_id":9,"date":1700000000,"from":{"id":)" +
               std::to_string(person) + R"(},"chat":{"id":-5,"type":"group"},"text":"x"}})";
    };
    EXPECT_EQ(harbour_.post(Platform::telegram, said_by(1, 2)).status, 200);
    harbour_.clock.set_us(harbour::kToday + 7'200'000'000);
    while (harbour_.ledger->state() != store::WriterState::clock_refused) std::this_thread::yield();
    const HookAnswer answer = harbour_.post(Platform::telegram, said_by(2, 3));
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.error_code, "clock_refused");
    EXPECT_TRUE(answer.retry_after_seconds.has_value());
    EXPECT_EQ(harbour_.post(Platform::telegram, said_by(3, 2)).error_code, "clock_refused");
    EXPECT_EQ(harbour_.post(Platform::telegram, said_by(1, 2)).status, 200);  // a repeat
    EXPECT_FALSE(watched_->find_subject({"person", "telegram", "3"})->has_value());
    EXPECT_EQ(harbour_.stored().size(), 1U);
}

TEST_F(VaultUse, AnItemWithoutPeopleAsksForNone) {
    harbour_.post(Platform::telegram, R"({"update_id":1,"poll":{"id":"5","question":"?"}})");
    EXPECT_EQ(watched_->subject_calls, 0);
}

}  // namespace decklog::ingest::vault_use_test
