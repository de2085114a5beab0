// Who is at work for a person while that person is erased: nothing escapes, nobody is made again,
// and nobody waits for longer than they must.
#include <future>
#include <thread>

#include "store/erasure.hpp"
#include "tests/store/erasure_desk.hpp"

namespace decklog::store::erasure_race_test {

using namespace erasure_test;

/// Threads write as the edges do while the person is erased again and again: every message is
/// sealed under a key that lives, or was part of an erasure.
void race(const Desk& desk) {
    constexpr int kThreads = 3;
    constexpr int kErasures = 20;
    std::atomic<bool> stop{false};
    std::atomic<int> said{0};
    std::vector<std::jthread> talkers;
    for (int t = 0; t < kThreads; ++t) {
        talkers.emplace_back([&, t] {
            for (int i = 0; !stop; ++i) {
                desk.say("a", std::to_string(t) + "/" + std::to_string(i));
                ++said;
            }
        });
    }
    std::set<domain::SubjectId> erased;
    for (int i = 0; i < kErasures; ++i) {
        const int before = said;
        while (said < before + kThreads) std::this_thread::yield();
        const auto subject = desk.vault->find_subject(person("a")).value();
        if (!subject) continue;
        desk.erase(*subject);
        erased.insert(*subject);
    }
    stop = true;
    talkers.clear();

    std::map<domain::SubjectId, domain::Position> erased_at;
    std::size_t events = 0;
    ASSERT_TRUE(desk.ledger->read({0, 0}, [&](const FramePtr& frame) {
        const auto event = frame->event(0);
        if (event.is(domain::EventType::subject_erased)) {
            erased_at.emplace(*event.subject(), event.position());
        } else if (event.sealed_size() > 0) {
            ++events;
            EXPECT_FALSE(erased_at.contains(*event.subject()))
                << "committed behind the erasure of its subject";
            const auto opened =
                desk.vault->open(std::span(event.sealed_data(), event.sealed_size())).value();
            EXPECT_EQ(std::holds_alternative<Erased>(opened), erased.contains(*event.subject()));
            if (erased.contains(*event.subject())) {
                EXPECT_EQ(desk.ledger->raw_body(*event.raw()).error().code,
                          domain::ErrorCode::not_found);
            } else {
                EXPECT_TRUE(desk.ledger->raw_body(*event.raw()));
            }
        }
        return true;
    }));
    EXPECT_EQ(events, static_cast<std::size_t>(said.load())) << "every message is there once";
    for (const auto& subject : erased) EXPECT_EQ(*desk.vault->count_keys(subject), 0U);
    EXPECT_GE(erased.size(), 2U);
}

TEST(ErasureRace, NothingIsCommittedUnderADestroyedKeyInMemory) { race(Desk()); }

TEST(ErasureRace, NothingIsCommittedUnderADestroyedKeyOnDisk) {
    const TempDir root;
    race(Desk(&root.path()));
}

TEST(ErasureRace, NoBodyThatNamesHerIsLeftOfWhatCameBeforeHerErasure) {
    const Desk desk;
    desk.say("a", "hello");
    std::atomic<bool> stop{false};
    std::jthread naming([&] {
        while (!stop) desk.mention("a");
    });
    while (desk.ledger->head(0).next_ordinal < 50) std::this_thread::yield();
    desk.erase(desk.subject("a"), looking_into_bodies());
    stop = true;
    naming.join();
    bool is_erased = false;
    ASSERT_TRUE(desk.ledger->read({0, 0}, [&](const FramePtr& frame) {
        const auto event = frame->event(0);
        is_erased = is_erased || event.is(domain::EventType::subject_erased);
        if (event.raw() && !is_erased) {
            EXPECT_FALSE(desk.keeps(*event.raw()));
        }
        return true;
    }));
    EXPECT_TRUE(is_erased);
}

TEST(SubjectHold, GivesUpOnSomebodyWhoNeverFinishes) {
    const Desk desk;
    const NativeSubject native = person("a");
    auto at_work = std::make_optional(desk.vault->subjects_for(std::span(&native, 1)).value());
    const auto busy = desk.vault->hold(at_work->front(), std::chrono::milliseconds(20));
    ASSERT_FALSE(busy);
    EXPECT_TRUE(busy.error().retryable);
    EXPECT_EQ(desk.subject("a"), at_work->front()) << "nothing is held any more";
    const domain::SubjectId subject = at_work->front();
    at_work.reset();
    EXPECT_TRUE(desk.vault->hold(subject, std::chrono::milliseconds(2'000)));
}

TEST(SubjectHold, WhoIsForgottenMeanwhileIsKnownNoMore) {
    const Desk desk;
    const NativeSubject natives[] = {person("a"), person("b")};
    const domain::SubjectId a = desk.subject("a");
    const domain::SubjectId b = desk.subject("b");
    EXPECT_EQ(desk.vault->known_subjects(natives).value()->ids, (std::vector{a, b}));
    auto hold = *desk.vault->hold(a, std::chrono::milliseconds(2'000));
    EXPECT_EQ(desk.vault->known_subjects(std::span(natives + 1, 1)).value()->front(), b)
        << "others are not kept waiting";
    auto asking =
        std::async(std::launch::async, [&] { return desk.vault->known_subjects(natives).value(); });
    EXPECT_EQ(asking.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    ASSERT_TRUE(hold->destroy());
    hold.reset();
    EXPECT_FALSE(asking.get().has_value());
    EXPECT_EQ(*desk.vault->find_subject(natives[0]), std::nullopt) << "nobody is made";
}

TEST(SubjectHold, KeepsWhoAsksWaitingAndThenGivesTheSameWhenNothingWasDestroyed) {
    const Desk desk;
    const domain::SubjectId before = desk.subject("a");
    auto hold = *desk.vault->hold(before, std::chrono::milliseconds(2'000));
    std::atomic<bool> answered{false};
    domain::SubjectId given;
    std::jthread asking([&] {
        given = desk.subject("a");
        answered = true;
    });
    desk.subject("b");  // others are not kept waiting
    EXPECT_FALSE(answered);
    hold.reset();
    asking.join();
    EXPECT_EQ(given, before);
}

}  // namespace decklog::store::erasure_race_test
