// Command keys: a key applies at most once, forever, and everyone who asks gets its answer.
#include <barrier>
#include <future>
#include <thread>

#include "store/frame/frame.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::store::contract {

class IdempotencyContract : public LedgerContract {
  protected:
    static void expect_repeat_of(const Answer& first, const Answer& repeat,
                                 bool other_content = false) {
        ASSERT_TRUE(first.has_value());
        ASSERT_TRUE(repeat.has_value());
        EXPECT_EQ(repeat->outcome, Outcome::repeated);
        EXPECT_EQ(repeat->first, first->first);
        EXPECT_EQ(repeat->last, first->last);
        EXPECT_EQ(repeat->event_ids, first->event_ids);
        EXPECT_EQ(repeat->recorded_at_us, first->recorded_at_us);
        EXPECT_EQ(repeat->other_content, other_content);
    }
    static Submission refiled(Submission submission, domain::CommandKey other) {
        submission.on_other_content = OtherContent::is_new_event;
        submission.other_key = other;
        return submission;
    }
};
INSTANTIATE_TEST_SUITE_P(Ledgers, IdempotencyContract, testing::Values(Kind::memory, Kind::rocks),
                         name_of);

TEST_P(IdempotencyContract, AnswersARepeatWithTheOriginalResult) {
    const Submission submission = keyed(append("s"), key(1), hash(1));
    const Answer first = submit(submission);
    clock_.pass(1'000'000);
    for (int i = 0; i < 3; ++i) expect_repeat_of(first, submit(submission));
    EXPECT_EQ(ledger().head(0).next_ordinal, 2U);
    EXPECT_EQ(observer_.answered("accepted"), 1U);
    EXPECT_EQ(observer_.answered("repeated"), 3U);
}

TEST_P(IdempotencyContract, KnowsAKeyFromEarlierInTheSameBatch) {
    const Submission submission = keyed(append("s"), key(1), hash(1));
    const auto answers = submit_all({append("s"), submission, append("s"), submission, submission});
    EXPECT_EQ(answers[1]->outcome, Outcome::accepted);
    expect_repeat_of(answers[1], answers[3]);
    expect_repeat_of(answers[1], answers[4]);
    EXPECT_EQ(ledger().head(0).next_ordinal, 4U);
}

TEST_P(IdempotencyContract, KnowsAKeyFromAnotherCallOfTheSameTurn) {
    std::promise<Answer> first, second;
    const Submission submission = keyed(append("s"), key(1), hash(1));
    auto held = hold_writer();
    const std::size_t batches = observer_.batches();
    ledger().submit(0, {submission},
                    [&](std::vector<Answer> answers) { first.set_value(answers.at(0)); });
    ledger().submit(0, {submission},
                    [&](std::vector<Answer> answers) { second.set_value(answers.at(0)); });
    EXPECT_EQ(ledger().queue_depth(), 2U);
    held.reset();
    const Answer original = first.get_future().get();
    expect_repeat_of(original, second.get_future().get());
    EXPECT_EQ(observer_.batches(), batches + 1);
}

TEST_P(IdempotencyContract, RefusesAKeyWithOtherContent) {
    const Answer first = submit(keyed(append("s"), key(1), hash(1)));
    const Answer other = submit(keyed(append("s"), key(1), hash(2)));
    EXPECT_EQ(other.error().kind, Refused::idempotency_conflict);
    EXPECT_EQ(other.error().rejection.code, "idempotency_conflict");
    const auto answers =
        submit_all({keyed(append("s"), key(2), hash(1)), keyed(append("s"), key(2), hash(2))});
    EXPECT_EQ(answers[1].error().kind, Refused::idempotency_conflict);
    expect_repeat_of(first, submit(keyed(append("s"), key(1), hash(1))));
    EXPECT_EQ(ledger().head(0).next_ordinal, 3U);
}

TEST_P(IdempotencyContract, DoesNotRememberARefusal) {
    bool is_wanted = false;
    const Submission submission =
        keyed(counting({{"default", "s"}},
                       [&is_wanted](const auto&) -> domain::Decision<domain::Events> {
                           if (!is_wanted) return domain::reject("not_yet", "come back later");
                           return domain::Events{message("s")};
                       }),
              key(1), hash(1));
    for (int i = 0; i < 2; ++i) {
        const Answer refused = submit(submission);
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().rejection.code, "not_yet");
    }
    EXPECT_EQ(ledger().head(0).next_ordinal, 1U) << "nothing of them is in the log";
    is_wanted = true;
    const Answer accepted = submit(submission);
    ASSERT_TRUE(accepted.has_value());
    EXPECT_EQ(accepted->outcome, Outcome::accepted) << "the same key, decided anew";
    expect_repeat_of(accepted, submit(submission));
}

TEST_P(IdempotencyContract, CountsOtherContentWhereThePlatformMayChangeIt) {
    const Answer first = submit(keyed(append("s"), key(1), hash(1)));
    Submission other = keyed(append("s"), key(1), hash(2));
    other.on_other_content = OtherContent::count;
    expect_repeat_of(first, submit(other), true);
    EXPECT_EQ(ledger().head(0).next_ordinal, 2U);
}

TEST_P(IdempotencyContract, FilesOtherContentUnderItsOtherKeyWhereIdsAreReused) {
    const Answer first = submit(keyed(append("s"), key(1), hash(1)));
    const Submission other = refiled(keyed(append("s"), key(1), hash(2)), key(9));
    const Answer second = submit(other);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->outcome, Outcome::accepted);
    EXPECT_TRUE(second->other_content);
    EXPECT_EQ(ledger().frame_at(second->first).value()->command_key(), key(9));
    expect_repeat_of(second, submit(other), true);
    expect_repeat_of(first, submit(refiled(keyed(append("s"), key(1), hash(1)), key(9))));
    EXPECT_EQ(ledger().head(0).next_ordinal, 3U);
}

TEST_P(IdempotencyContract, FilesOtherContentOnceWithinOneBatch) {
    const Submission other = refiled(keyed(append("s"), key(1), hash(2)), key(9));
    const auto answers = submit_all({keyed(append("s"), key(1), hash(1)), other, other});
    EXPECT_EQ(answers[1]->outcome, Outcome::accepted);
    expect_repeat_of(answers[1], answers[2], true);
    EXPECT_EQ(ledger().head(0).next_ordinal, 3U);
}

TEST_P(IdempotencyContract, LooksAtTheKeyBeforeTheExpectedVersion) {
    Submission submission = keyed(append("s"), key(1), hash(1));
    submission.expected = {ExpectedVersion::Kind::none, 0, {"default", "s"}};
    const Answer first = submit(submission);
    ASSERT_TRUE(submit(append("s")).has_value());
    expect_repeat_of(first, submit(submission));  // a conflict by now, had it been looked at
}

TEST_P(IdempotencyContract, RebuildsTheAnswerOfACommitOfSeveralEvents) {
    Submission submission = counting({{"default", "s"}}, [](const auto&) {
        return domain::Events{message("s"), message("t"), message("s")};
    });
    submission = keyed(std::move(submission), key(1), hash(1));
    const Answer first = submit(submission);
    EXPECT_EQ(first->event_ids.size(), 3U);
    expect_repeat_of(first, submit(submission));
}

TEST_P(IdempotencyContract, GivesRacingClientsOfOneKeyOneCommitAndItsAnswer) {
    constexpr std::size_t kClients = 6;
    constexpr std::uint8_t kKeys = 40;
    std::vector<std::vector<Answer>> answers(kClients);
    ASSERT_EQ(ledger().head(0).next_ordinal, 1U);
    {
        std::barrier start(kClients);
        std::vector<std::jthread> clients;
        for (std::size_t client = 0; client < kClients; ++client) {
            clients.emplace_back([&, client] {
                for (std::uint8_t k = 0; k < kKeys; ++k) {
                    start.arrive_and_wait();
                    answers[client].push_back(submit(keyed(append("s"), key(k), hash(k))));
                }
            });
        }
    }
    for (std::uint8_t k = 0; k < kKeys; ++k) {
        std::size_t accepted = 0;
        for (const auto& of_client : answers) {
            ASSERT_TRUE(of_client[k].has_value());
            EXPECT_EQ(of_client[k]->first, answers[0][k]->first);
            EXPECT_EQ(of_client[k]->event_ids, answers[0][k]->event_ids);
            accepted += of_client[k]->outcome == Outcome::accepted ? 1U : 0U;
        }
        EXPECT_EQ(accepted, 1U) << "key " << int{k};
    }
    EXPECT_EQ(ledger().head(0).next_ordinal, 1U + kKeys);
}

}  // namespace decklog::store::contract
