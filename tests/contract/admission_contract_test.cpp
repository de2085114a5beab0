// When a ledger refuses: a clock that cannot be trusted, a full disk, a full queue, a stop.
#include <future>
#include <thread>

#include "store/frame/frame.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::store::contract {

namespace {
constexpr std::int64_t kSecond = 1'000'000;
}  // namespace

class AdmissionContract : public LedgerContract {};
INSTANTIATE_TEST_SUITE_P(Ledgers, AdmissionContract, testing::Values(Kind::memory, Kind::rocks),
                         name_of);

TEST_P(AdmissionContract, RecordsAtTimesThatNeverGoBack) {
    std::int64_t last = ledger().head(0).recorded_at_us;
    const std::int64_t moves[] = {0,           5, -30 * kSecond, 0, 10 * kSecond, -20 * kSecond,
                                  50 * kSecond};
    for (const std::int64_t move : moves) {
        clock_.step_wall(move);
        for (int i = 0; i < 3; ++i) {
            const Answer answer = submit(append("s"));
            ASSERT_TRUE(answer.has_value());
            EXPECT_GT(answer->recorded_at_us, last);
            EXPECT_GE(answer->recorded_at_us, clock_.now_us());
            last = answer->recorded_at_us;
        }
    }
}

TEST_P(AdmissionContract, MovesByOneMicrosecondWhileTheClockIsBehindAndSaysHowFar) {
    const Answer before = submit(append("s"));
    clock_.step_wall(-30 * kSecond);
    EXPECT_EQ(submit(append("s"))->recorded_at_us, before->recorded_at_us + 1);
    EXPECT_EQ(submit(append("s"))->recorded_at_us, before->recorded_at_us + 2);
    EXPECT_GE(ledger().clock_behind_us(), 30 * kSecond);
    EXPECT_EQ(ledger().state(), WriterState::ready);
    clock_.pass(31 * kSecond);
    EXPECT_EQ(submit(append("s"))->recorded_at_us, clock_.now_us());
    EXPECT_EQ(submit(append("s"))->recorded_at_us, clock_.now_us() + 1);
}

TEST_P(AdmissionContract, RefusesNewWorkAfterAJumpOfTheClockInEitherDirection) {
    const Submission known = keyed(append("s"), key(1), hash(1));
    const Answer first = submit(known);
    const bool forward = GetParam() == Kind::memory;
    clock_.step_wall(forward ? 61 * kSecond : -61 * kSecond);
    const Answer refused = submit(append("s"));
    EXPECT_EQ(refused.error().kind, Refused::clock_refused);
    EXPECT_EQ(refused.error().rejection.code, "clock_refused");
    EXPECT_EQ(ledger().state(), WriterState::clock_refused);
    EXPECT_EQ(submit(known)->first, first->first);  // a repeat writes nothing
    clock_.step_wall(forward ? -61 * kSecond : 61 * kSecond);
    EXPECT_EQ(submit(append("s")).error().kind,
              Refused::clock_refused);  // an operator has to say so
    EXPECT_EQ(ledger().head(0).next_ordinal, 2U);
}

TEST_P(AdmissionContract, FollowsTimeThatPassesAndAClockThatIsSteered) {
    clock_.pass(7200 * kSecond);
    EXPECT_TRUE(submit(append("s")).has_value());
    for (int i = 0; i < 5; ++i) {
        clock_.step_wall(50 * kSecond);
        EXPECT_TRUE(submit(append("s")).has_value());
    }
}

TEST_P(AdmissionContract, RefusesNewWorkWhileTheDiskIsNearlyFullAndResumesByItself) {
    const Submission known = keyed(append("s"), key(1), hash(1));
    const Answer first = submit(known);
    const std::pair<std::uint64_t, bool> cases[] = {{(2ULL << 30U) - 1, true},
                                                    {3ULL << 30U, true},
                                                    {(5ULL << 30U) - 1, true},
                                                    {5ULL << 30U, false}};
    for (const auto& [free, low] : cases) {  // of 100 GiB: 5 % is the larger bound
        disk_free_ = free;
        clock_.pass(kSecond);
        const Answer answer = submit(append("s"));
        EXPECT_EQ(answer.has_value(), !low) << free;
        if (low) {
            EXPECT_EQ(answer.error().kind, Refused::disk_low);
            EXPECT_EQ(ledger().state(), WriterState::disk_low);
            EXPECT_EQ(submit(known)->first, first->first);
        }
    }
    EXPECT_EQ(ledger().state(), WriterState::ready);
}

TEST_P(AdmissionContract, TakesWhatFreesOrProtectsOutOfASmallReserve) {
    Submission protecting = append("s");
    protecting.frees_or_protects = true;
    EXPECT_TRUE(submit(append("s")).has_value());
    const std::pair<std::uint64_t, bool> cases[] = {
        {1ULL << 30U, true}, {320ULL << 20U, true}, {(320ULL << 20U) - 1, false}, {0, false}};
    for (const auto& [free, taken] : cases) {  // a sixteenth of 5 GiB is nobody's
        disk_free_ = free;
        clock_.pass(kSecond);
        EXPECT_EQ(submit(append("s")).error().kind, Refused::disk_low);
        const Answer answer = submit(protecting);
        EXPECT_EQ(answer.has_value(), taken) << free;
        EXPECT_TRUE(taken || answer.error().kind == Refused::disk_low);
    }
}

TEST_P(AdmissionContract, AsksNoDiskWhenTheRuleIsOff) {
    options_.disk_free_bytes_min = 0;
    disk_free_ = 0;
    EXPECT_TRUE(submit(append("s")).has_value());
}

TEST_P(AdmissionContract, AsksTheDiskAtMostOnceASecond) {
    std::atomic<int> asked{0};
    options_.disk_space = [&asked] {
        ++asked;
        return DiskSpace{100ULL << 30U, 100ULL << 30U};
    };
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(submit(append("s")).has_value());
    EXPECT_EQ(asked, 1);
    clock_.pass(kSecond);
    EXPECT_TRUE(submit(append("s")).has_value());
    EXPECT_EQ(asked, 2);
}

TEST_P(AdmissionContract, DecidesNothingLaterThanItIsMeantToBe) {
    const auto until = [this](std::int64_t not_after_us, std::uint8_t number) {
        Submission submission = keyed(append("s"), key(number), hash(number));
        submission.not_after_us = not_after_us;
        return submission;
    };
    const std::int64_t limit_us = clock_.now_us() + 10 * kSecond;
    ASSERT_TRUE(submit(until(limit_us, 1)).has_value());
    auto held = hold_writer();  // what counts is when it is decided, not when it was submitted
    std::promise<Answer> waiting;
    ledger().submit(0, {until(limit_us, 2)},
                    [&](std::vector<Answer> answers) { waiting.set_value(answers.at(0)); });
    clock_.pass(11 * kSecond);
    held.reset();
    const Answer late = waiting.get_future().get();
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().rejection.code, "too_late");
    const Answer repeat = submit(until(limit_us, 1));
    ASSERT_TRUE(repeat.has_value()) << "it was in time when it was decided";
    EXPECT_EQ(repeat->outcome, Outcome::repeated);
}

TEST_P(AdmissionContract, RefusesAtOnceWhenTheQueueIsFull) {
    options_.queue_max = 2;
    auto held = hold_writer();
    std::promise<Answer> first, second, third;
    ledger().submit(0, {append("s")},
                    [&](std::vector<Answer> answers) { first.set_value(answers.at(0)); });
    ledger().submit(0, {append("s")},
                    [&](std::vector<Answer> answers) { second.set_value(answers.at(0)); });
    ledger().submit(0, {append("s")},
                    [&](std::vector<Answer> answers) { third.set_value(answers.at(0)); });
    auto answer = third.get_future();
    const auto waited = answer.wait_for(std::chrono::seconds(10));
    held.reset();
    EXPECT_EQ(waited, std::future_status::ready) << "it waited for the writer";
    EXPECT_TRUE(first.get_future().get().has_value());
    EXPECT_TRUE(second.get_future().get().has_value());
    const Answer refused = answer.get();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, Refused::queue_full);
    EXPECT_EQ(observer_.answered("queue_full"), 1U);
}

TEST_P(AdmissionContract, FinishesWhatIsQueuedWhenItStopsAndRefusesTheRest) {
    auto held = hold_writer();
    std::promise<Answer> queued;
    ledger().submit(0, {append("s")},
                    [&](std::vector<Answer> answers) { queued.set_value(answers.at(0)); });
    std::jthread stopper([this] { ledger().stop(); });
    while (ledger().state() != WriterState::stopping) std::this_thread::yield();
    held.reset();
    EXPECT_TRUE(queued.get_future().get().has_value());
    stopper.join();
    EXPECT_EQ(submit(append("s")).error().kind, Refused::stopping);
    ledger().stop();  // again: nothing
}

TEST_P(AdmissionContract, ShowsThatItsLoopTurns) {
    const std::int64_t before = clock_.boot_us();
    EXPECT_GE(ledger().last_turn_boot_us(), before);
    clock_.pass(10 * kSecond);
    while (ledger().last_turn_boot_us() < clock_.boot_us())
        std::this_thread::yield();  // idle as well
}

}  // namespace decklog::store::contract
