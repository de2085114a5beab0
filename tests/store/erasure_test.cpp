// Forgetting a person, over memory and over files: what goes, what stays, what a crash between the
// commit and the destruction leaves to the next start, and messages that arrive meanwhile.
#include "store/erasure.hpp"

#include <future>
#include <map>
#include <set>
#include <thread>

#include "domain/payload.hpp"
#include "store/row_ledger.hpp"
#include "tests/store/erasure_desk.hpp"

namespace decklog::store::erasure_test {

using Texts = std::vector<std::string>;

TEST(Erasure, TakesTheKeysTheIndexEntryAndTheRawBodies) {
    const Desk desk;
    const domain::RawRef hers = desk.say("a", "hello");
    const domain::RawRef his = desk.say("b", "hi");
    desk.say("a", "again");
    const domain::SubjectId a = desk.subject("a");
    const ErasureDone done = desk.erase(a);
    EXPECT_EQ(done.receipt.outcome, Outcome::accepted);
    EXPECT_EQ(done.taken.events, 2U);
    EXPECT_EQ(done.taken.streams, 1U);
    EXPECT_EQ(done.taken.keys, 1U);
    EXPECT_EQ(done.taken.raw.size(), 2U);
    EXPECT_EQ(desk.texts(), (Texts{"[erased]", "hi", "[erased]"}));
    EXPECT_EQ(desk.ledger->raw_body(hers).error().code, domain::ErrorCode::not_found);
    EXPECT_TRUE(desk.ledger->raw_body(his));
    EXPECT_EQ(*desk.vault->find_subject(person("a")), std::nullopt);
    EXPECT_EQ(*desk.vault->count_keys(a), 0U);
}

TEST(Erasure, TheNextMessageBeginsANewSubject) {
    const Desk desk;
    desk.say("a", "old");
    const domain::SubjectId before = desk.subject("a");
    desk.erase(before);
    desk.say("a", "new");
    EXPECT_NE(desk.subject("a"), before);
    EXPECT_EQ(desk.texts(), (Texts{"[erased]", "new"}));
}

TEST(Erasure, ErasingTwiceDoesNothingNew) {
    const Desk desk;
    desk.say("a", "hello");
    const domain::SubjectId a = desk.subject("a");
    desk.erase(a);
    desk.say("a", "back again");
    const ErasureDone twice = desk.erase(a);
    EXPECT_EQ(twice.receipt.outcome, Outcome::noted);
    EXPECT_TRUE(twice.taken.erased);
    EXPECT_EQ(desk.texts(), (Texts{"[erased]", "back again"})) << "the new subject is not the old";
}

TEST(Erasure, NobodyIsRefusedAndNothingIsWritten) {
    const Desk desk;
    desk.say("a", "hello");
    const std::uint64_t before = desk.ledger->head(0).next_ordinal;
    const auto answer =
        erase_subject(*desk.ledger, *desk.vault, domain::SubjectId{{1, 2, 3}}, order(), {});
    ASSERT_TRUE(answer && !*answer);
    EXPECT_EQ(answer->error().rejection.code, "not_found");
    EXPECT_EQ(desk.ledger->head(0).next_ordinal, before);
}

TEST(Erasure, AFootprintChangesNothing) {
    const Desk desk;
    desk.say("a", "hello");
    const std::uint64_t before = desk.ledger->head(0).next_ordinal;
    const auto footprint = footprint_of(*desk.ledger, *desk.vault, desk.subject("a"), {}).value();
    EXPECT_EQ(footprint.events, 1U);
    EXPECT_EQ(footprint.keys, 1U);
    EXPECT_EQ(footprint.raw.size(), 1U);
    EXPECT_EQ(desk.ledger->head(0).next_ordinal, before);
    EXPECT_EQ(desk.texts(), Texts{"hello"});
}

TEST(Erasure, TakesTheBodyOfWhatSheDidToSomebodyElse) {
    const Desk desk;
    const domain::SubjectId a = desk.subject("a");
    const domain::RawRef shared = desk.say("b", "b was added by a", domain::to_text(a));
    desk.erase(a);
    EXPECT_EQ(desk.ledger->raw_body(shared).error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(desk.texts(), Texts{"b was added by a"}) << "the event is about b";
}

TEST(Erasure, ListsEveryoneItErasedWithTheReason) {
    const Desk desk;
    desk.say("a", "hello");
    std::vector<LoggedErasure> listed;
    ErasureHooks hooks;
    hooks.list = [&](const std::vector<LoggedErasure>& erasures) {
        listed = erasures;
        return domain::Result<void>{};
    };
    desk.erase(desk.subject("a"), hooks);
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].reason, "asked for it");
    EXPECT_GT(listed[0].recorded_at_us, 0);
}

TEST(Erasure, IsUnfinishedUntilItIsListed) {
    const Desk desk;
    desk.say("a", "hello");
    const domain::SubjectId a = desk.subject("a");
    ErasureHooks hooks;
    hooks.list = [](const std::vector<LoggedErasure>&) -> domain::Result<void> {
        return domain::fail(domain::ErrorCode::not_found, "not mounted");
    };
    const auto answer = erase_subject(*desk.ledger, *desk.vault, a, order(), hooks);
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().retryable);
    EXPECT_EQ(desk.texts(), Texts{"[erased]"}) << "the keys go all the same";
    std::size_t listed = 0;
    hooks.list = [&listed](const std::vector<LoggedErasure>& erasures) {
        listed = erasures.size();
        return domain::Result<void>{};
    };
    EXPECT_EQ(desk.erase(a, hooks).receipt.outcome, Outcome::noted);
    EXPECT_EQ(listed, 1U) << "the repeat finishes it";
}

/// The commit without the rest, as a crash right after it leaves it.
void commit_only(const Desk& desk, const domain::SubjectId& who,
                 std::optional<domain::CommandKey> key = {}) {
    domain::NewEvent event;
    event.type = domain::EventType::subject_erased;
    event.stream = "subject/" + domain::to_text(who);
    event.subject = who;
    event.actor = {"system", "decklog"};
    event.recorded_by = "decklog";
    event.occurred_at_us = desk.clock.now_us();
    event.payload = domain::encode_payload(fb::SubjectErasedT{});
    std::vector<Submission> submissions(1);
    submissions[0].intent = domain::fact("erase_subject", std::move(event));
    submissions[0].key = key;
    ASSERT_TRUE(submit_and_wait(*desk.ledger, 0, std::move(submissions)).front());
}

TEST(Erasure, TakesTheBodiesThatNameHerThoughTheirEventsSayNothingOfHer) {
    const Desk desk;
    desk.say("a", "hello");
    const domain::RawRef call = desk.mention("a");
    const domain::RawRef other = desk.mention("b");
    const domain::RawRef quoted = desk.say("b", "a");
    const ErasureDone done = desk.erase(desk.subject("a"), looking_into_bodies());
    EXPECT_EQ(done.taken.events, 1U);
    EXPECT_EQ(done.taken.raw.size(), 3U);
    EXPECT_FALSE(desk.keeps(call));
    EXPECT_FALSE(desk.keeps(quoted));
    EXPECT_TRUE(desk.keeps(other));
}

TEST(Erasure, LooksIntoNoBodyOfADayThatIsOver) {
    const Desk desk;
    desk.say("a", "hello");
    ErasureHooks hooks = looking_into_bodies();
    hooks.first_raw_day = desk.mention("a").day + 1;
    EXPECT_TRUE(desk.erase(desk.subject("a"), hooks).taken.raw.empty());
}

TEST(Erasure, ReadsWhatCameDuringTheLongLookBeforeItHoldsAnybody) {
    constexpr int kMeanwhile = 600;
    const TempDir root;
    const Desk desk(&root.path());
    desk.say("a", "hello");
    const domain::SubjectId other = desk.subject("b");
    // There is one hold at a time.
    const auto is_holding = [&] {
        const auto try_to = [&] { return desk.vault->hold(other, {}).has_value(); };
        return !std::async(std::launch::async, try_to).get();
    };
    int looked_into = 0;
    int while_holding = 0;
    ErasureHooks hooks;
    hooks.ids_in = [&](std::string_view, std::string_view, const auto&) {
        if (looked_into++ == 0) {
            for (int i = 0; i < kMeanwhile; ++i) desk.mention("b");
        }
        if (is_holding()) ++while_holding;
    };
    desk.erase(desk.subject("a"), hooks);
    EXPECT_EQ(looked_into, 1 + kMeanwhile);
    EXPECT_EQ(while_holding, 0);
}

TEST(Erasure, OfSeveralTakesFromEachWhatIsTheirs) {
    const Desk desk;
    desk.say("a", "one");
    desk.say("b", "two");
    desk.say("c", "stays");
    const domain::RawRef named = desk.mention("b");
    const ErasureTarget targets[] = {{desk.subject("a"), order()},
                                     {domain::SubjectId{{1, 2, 3}}, order()},
                                     {desk.subject("b"), order()}};
    const auto answers =
        erase_subjects(*desk.ledger, *desk.vault, targets, looking_into_bodies()).value();
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0]->taken.raw.size(), 1U);
    EXPECT_EQ(answers[1].error().rejection.code, "not_found");
    EXPECT_EQ(answers[2]->taken.raw.size(), 2U);
    EXPECT_FALSE(desk.keeps(named));
    EXPECT_EQ(desk.texts(), (Texts{"[erased]", "[erased]", "stays"}));
    EXPECT_TRUE(unfinished_erasures(*desk.ledger, *desk.vault).value().empty());
}

TEST(Erasure, ARepeatUnderItsKeyLeavesWhoCameBackAlone) {
    const Desk desk;
    desk.say("a", "old");
    ErasureOrder keyed = order();
    keyed.key = rocks_test::key_of(7);
    const auto erase = [&](const domain::SubjectId& who) {
        return erase_subject(*desk.ledger, *desk.vault, who, keyed, {}).value().value();
    };
    EXPECT_EQ(erase(desk.subject("a")).receipt.outcome, Outcome::accepted);
    desk.say("a", "new");
    EXPECT_EQ(erase(desk.subject("a")).receipt.outcome, Outcome::repeated);
    EXPECT_EQ(desk.texts(), (Texts{"[erased]", "new"}));
}

TEST(Erasure, IsEndedByWhoeverCancelsIt) {
    const Desk desk;
    desk.say("a", "hello");
    std::atomic<bool> cancelled{true};
    ErasureHooks hooks;
    hooks.cancelled = &cancelled;
    const auto ended = erase_subject(*desk.ledger, *desk.vault, desk.subject("a"), order(), hooks);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, domain::ErrorCode::stopped);
    EXPECT_EQ(desk.texts(), Texts{"hello"});
}

TEST(Erasure, DoesNotHaveTheFilesRewrittenAgainOnlyBecauseAListIsOutOfReach) {
    const TempDir root;
    Desk desk(&root.path());
    desk.say("a", "hello");
    std::atomic<std::uint64_t> cleaned_to{0};
    ErasureHooks hooks;
    hooks.cleaned_to = &cleaned_to;
    hooks.list = [](const auto&) -> domain::Result<void> {
        return domain::fail(domain::ErrorCode::not_found, "not mounted");
    };
    ASSERT_FALSE(erase_subject(*desk.ledger, *desk.vault, desk.subject("a"), order(), hooks));
    const auto undone = unfinished_erasures(*desk.ledger, *desk.vault).value();
    ASSERT_EQ(undone.size(), 1U);
    EXPECT_EQ(cleaned_to, undone.front().position.ordinal + 1);
    // Cleaning would end at once.
    std::atomic<bool> cancelled{true};
    hooks.cancelled = &cancelled;
    hooks.list = {};
    EXPECT_TRUE(finish_erasures(*desk.ledger, *desk.vault, undone, hooks));
    EXPECT_TRUE(unfinished_erasures(*desk.ledger, *desk.vault).value().empty());
}

TEST(Erasure, WhatAVaultSaysOfALongerLogIsNotTakenForThisOnes) {
    const Desk desk;
    desk.say("a", "hello");
    ASSERT_TRUE(desk.vault->note_erasures_finished(3));
    EXPECT_TRUE(destroy_erased_keys(*desk.ledger, *desk.vault, {}).value().empty());
    commit_only(desk, desk.subject("a"));
    desk.say("b", "the log has grown as long");
    EXPECT_EQ(destroy_erased_keys(*desk.ledger, *desk.vault, {}).value().size(), 1U);
    EXPECT_EQ(desk.texts().front(), "[erased]");
}

TEST(Erasure, IsTakenUpAgainAfterACrashBehindTheCommit) {
    const TempDir root;
    Desk desk(&root.path());
    desk.say("a", "hello");
    commit_only(desk, desk.subject("a"));
    desk.close();
    desk.open();
    EXPECT_EQ(desk.texts(), Texts{"hello"});
    const auto undone = destroy_erased_keys(*desk.ledger, *desk.vault, {}).value();
    ASSERT_EQ(undone.size(), 1U);
    EXPECT_EQ(desk.texts(), Texts{"[erased]"});
    ASSERT_TRUE(finish_erasures(*desk.ledger, *desk.vault, undone, {}));
    EXPECT_TRUE(destroy_erased_keys(*desk.ledger, *desk.vault, {}).value().empty());
    desk.close();
    desk.open();
    EXPECT_TRUE(destroy_erased_keys(*desk.ledger, *desk.vault, {}).value().empty())
        << "it is remembered how far this was done";
}

/// One body names her right before her erasure, as if it came in behind the last look, one after.
struct LeftBehind {
    explicit LeftBehind(const Desk& desk, std::optional<domain::CommandKey> key = {}) {
        desk.say("a", "hello");
        before = desk.mention("a");
        of_others = desk.mention("b");
        commit_only(desk, desk.subject("a"), key);
        after = desk.mention("a");
    }
    void expect_taken(const Desk& desk) const {
        EXPECT_FALSE(desk.keeps(before));
        EXPECT_TRUE(desk.keeps(of_others));
        EXPECT_TRUE(desk.keeps(after)) << "who comes later is not forgotten";
        EXPECT_EQ(desk.texts(), Texts{"[erased]"});
    }
    domain::RawRef before, of_others, after;
};

TEST(Erasure, TheNextStartTakesTheBodiesThatACrashLeftBehind) {
    const TempDir root;
    Desk desk(&root.path());
    const LeftBehind left(desk);
    desk.close();
    desk.open();
    const ErasureHooks hooks = looking_into_bodies();
    const auto undone = destroy_erased_keys(*desk.ledger, *desk.vault, hooks).value();
    EXPECT_EQ(undone.size(), 1U);
    left.expect_taken(desk);
    ASSERT_TRUE(finish_erasures(*desk.ledger, *desk.vault, undone, hooks));
    const std::uint64_t head = desk.ledger->head(0).next_ordinal;
    EXPECT_TRUE(destroy_erased_keys(*desk.ledger, *desk.vault, hooks).value().empty());
    EXPECT_EQ(desk.ledger->head(0).next_ordinal, head) << "and that is the end of it";
}

TEST(Erasure, ARepeatTakesTheBodiesThatAnErrorLeftBehind) {
    const Desk desk;
    ErasureOrder keyed = order();
    keyed.key = rocks_test::key_of(7);
    const LeftBehind left(desk, keyed.key);
    const auto done =
        erase_subject(*desk.ledger, *desk.vault, desk.subject("a"), keyed, looking_into_bodies());
    ASSERT_TRUE(done && *done);
    EXPECT_EQ((*done)->receipt.outcome, Outcome::repeated);
    left.expect_taken(desk);
    EXPECT_TRUE(unfinished_erasures(*desk.ledger, *desk.vault).value().empty());
}

TEST(Erasure, AnOlderVaultBroughtBackIsErasedAgain) {
    const TempDir root;
    const TempDir aside;
    Desk desk(&root.path());
    desk.say("a", "hello");
    desk.close();
    std::filesystem::copy(root.path() / "vault", aside.path() / "vault",
                          std::filesystem::copy_options::recursive);
    desk.open();
    desk.erase(desk.subject("a"));
    desk.close();
    std::filesystem::remove_all(root.path() / "vault");
    std::filesystem::rename(aside.path() / "vault", root.path() / "vault");
    desk.open();
    EXPECT_EQ(destroy_erased_keys(*desk.ledger, *desk.vault, {}).value().size(), 1U);
    EXPECT_EQ(desk.texts(), Texts{"[erased]"});
}

TEST(Erasure, LeavesNoByteOfKeyOrBodyInAnyFileWhileTheDatabasesAreOpen) {
    const TempDir root;
    CountedRandom random;
    SteppedClock clock;
    LedgerOptions options;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    options.clock = &clock;
    const auto vault = *open_rocks_vault(root.path(), false, &random);
    const auto ledger = *open_rocks_ledger(root.path(), options);
    random.drawn_.clear();  // the master key
    const NativeSubject natives[] = {person("a"), person("b")};
    const auto a = vault->subjects_for(std::span(natives, 1)).value().front();
    const auto b = vault->subjects_for(std::span(natives + 1, 1)).value().front();
    ASSERT_EQ(random.drawn_.size(), 2U);
    std::vector<domain::Bytes> bodies;
    for (int i = 0; i < 200; ++i) {
        const auto& who = i % 2 == 0 ? a : b;
        auto body = std::make_shared<RawBody>();
        body->ref.day = 20'833;
        system_random().fill(body->ref.id.bytes);
        body->sealed = domain::Bytes(300);
        system_random().fill(body->sealed);
        bodies.push_back(body->sealed);
        domain::NewEvent event = rocks_test::event("room/1");
        event.subject = who;
        event.raw = body->ref;
        Submission submission;
        submission.intent = domain::fact("receive_message", std::move(event));
        submission.raw = body;
        ASSERT_TRUE(rocks_test::submit(*ledger, std::move(submission)));
    }
    const std::string before = files_under(root.path());
    ASSERT_TRUE(holds(before, random.drawn_[0])) << "else the search would prove nothing";
    ASSERT_TRUE(holds(before, bodies[0]));

    const auto done = erase_subject(*ledger, *vault, a, order(), {});
    ASSERT_TRUE(done && *done);
    EXPECT_EQ((*done)->taken.raw.size(), 100U);
    const std::string after = files_under(root.path());
    EXPECT_FALSE(holds(after, random.drawn_[0]));
    EXPECT_TRUE(holds(after, random.drawn_[1])) << "b stays";
    for (std::size_t i = 0; i < bodies.size(); i += 2) EXPECT_FALSE(holds(after, bodies[i])) << i;
    EXPECT_TRUE(ledger->raw_body((*done)->taken.raw.front()).error().code ==
                domain::ErrorCode::not_found);
    const auto report = verify(*ledger, {}).value();
    EXPECT_TRUE(report.ok()) << report.problem;
    EXPECT_EQ(report.raw_bodies, 100U);
    ledger->stop();
}

TEST(Erasure, WaitsForASnapshotThatStillNeedsTheBytes) {
    const TempDir root;
    Desk desk(&root.path());
    for (int i = 0; i < 3; ++i) desk.say("a", "hello");
    const domain::SubjectId a = desk.subject("a");
    // As verify takes one.
    auto snapshot = dynamic_cast<RowLedger&>(*desk.ledger).rows().snapshot();
    std::atomic<bool> erased{false};
    std::jthread erasing([&] {
        desk.erase(a);
        erased = true;
    });
    while (*desk.vault->count_keys(a) > 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(erased) << "the raw bodies are still readable through the snapshot";
    snapshot.reset();
    erasing.join();
    EXPECT_TRUE(erased);
}

}  // namespace decklog::store::erasure_test
