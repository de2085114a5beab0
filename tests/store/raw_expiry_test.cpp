// Raw bodies grow old: which days are over, and that keys and bodies leave the files.
#include "store/raw_expiry.hpp"

#include <thread>

#include "tests/store/erasure_desk.hpp"

namespace decklog::store::erasure_test {

constexpr std::int64_t kDay = 86'400'000'000;

TEST(RawExpiry, CountsDaysByWhatWasRecordedAndNeverAheadOfTheClock) {
    EXPECT_EQ(first_raw_day_kept(100 * kDay, 100 * kDay + 5, 30), 70U);
    EXPECT_EQ(first_raw_day_kept(100 * kDay, 190 * kDay, 30), 70U) << "a clock that jumped ahead";
    EXPECT_EQ(first_raw_day_kept(100 * kDay, 40 * kDay, 30), 10U) << "a clock that was set back";
    EXPECT_EQ(first_raw_day_kept(100 * kDay, 100 * kDay, 0), std::nullopt) << "kept for ever";
    EXPECT_EQ(first_raw_day_kept(20 * kDay, 20 * kDay, 30), std::nullopt);
}

TEST(RawExpiry, DestroysTheKeysOfDaysThatAreOver) {
    const Desk desk;
    const domain::Bytes old = desk.vault->seal_raw(69, bytes_of("old")).value();
    const domain::Bytes kept = desk.vault->seal_raw(70, bytes_of("kept")).value();
    RawExpiry expiry(*desk.ledger, *desk.vault);
    EXPECT_EQ(expiry.expire(70, nullptr).value(), 1U);
    EXPECT_TRUE(std::holds_alternative<Erased>(desk.vault->open_raw(old).value()));
    EXPECT_EQ(std::get<domain::Bytes>(desk.vault->open_raw(kept).value()), bytes_of("kept"));
    EXPECT_EQ(expiry.expire(70, nullptr).value(), 0U);
}

TEST(RawExpiry, CleansThemOutOfTheFiles) {
    const TempDir root;
    SteppedClock clock;
    LedgerOptions options;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    options.clock = &clock;
    CountedRandom random;
    const auto vault = *open_rocks_vault(root.path(), false, &random);
    random.drawn_.clear();
    domain::RawRef ref;
    domain::Bytes sealed;
    const auto today = static_cast<std::uint32_t>(clock.now_us() / kDay);
    {
        options.raw_days = 0;
        const auto ledger = *open_rocks_ledger(root.path(), options);
        auto body = std::make_shared<RawBody>();
        body->ref.day = today - 31;
        system_random().fill(body->ref.id.bytes);
        sealed = vault->seal_raw(today - 31, domain::Bytes(300, 'x')).value();
        body->sealed = sealed;
        ref = body->ref;
        Submission submission = rocks_test::append("room/1");
        submission.raw = body;
        ASSERT_TRUE(rocks_test::submit(*ledger, std::move(submission)));
        ledger->stop();
    }
    ASSERT_EQ(random.drawn_.size(), 1U);
    options.raw_days = 30;
    const auto ledger = *open_rocks_ledger(root.path(), options);
    while (ledger->raw_body(ref)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(holds(files_under(root.path()), random.drawn_[0]));
    ASSERT_TRUE(vault->purge(nullptr));  // the key stands in a table from here on
    // A try that is ended destroys the key and leaves it in the files; the next one cleans them.
    RawExpiry expiry(*ledger, *vault);
    std::atomic<bool> cancelled{true};
    EXPECT_EQ(expiry.expire(today - 30, &cancelled).error().code, domain::ErrorCode::stopped);
    EXPECT_TRUE(holds(files_under(root.path()), random.drawn_[0]));
    EXPECT_EQ(expiry.expire(today - 30, nullptr).value(), 0U);
    const std::string after = files_under(root.path());
    EXPECT_FALSE(holds(after, random.drawn_[0])) << "the day's key";
    EXPECT_FALSE(holds(after, sealed)) << "the body";
    ledger->stop();
}

}  // namespace decklog::store::erasure_test
