// Forgetting a person, over memory and over files: what goes, what stays, what a crash between the
// commit and the destruction leaves to the next start, and messages that arrive meanwhile.
#include "store/erasure.hpp"

#include <future>
#include <map>
#include <set>
#include <thread>

#include "domain/payload.hpp"
#include "store/backup/erase_again.hpp"
#include "store/row_ledger.hpp"
#include "store/vault/known_subjects.hpp"
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

/// Counts how often the log is read from its beginning.
class CountedReads final : public Ledger {
  public:
    explicit CountedReads(Ledger& of) : of_(of) {}
    domain::Result<void> read(domain::Position from, const FrameSink& sink) const override {
        if (from.ordinal == 0) ++whole_;
        return of_.read(from, sink);
    }
    domain::LedgerId ledger_id() const override { return of_.ledger_id(); }
    Head head(std::uint32_t partition) const override { return of_.head(partition); }
    domain::Result<FramePtr> frame_at(domain::Position at) const override {
        return of_.frame_at(at);
    }
    domain::Result<domain::Bytes32> chain_before(domain::Position at) const override {
        return of_.chain_before(at);
    }
    domain::Result<void> scan(std::uint32_t partition, const IndexKey& key, Order direction,
                              std::optional<domain::Position> after,
                              const PositionSink& sink) const override {
        return of_.scan(partition, key, direction, after, sink);
    }
    domain::Result<std::uint64_t> stream_version(const domain::StreamRef& stream) const override {
        return of_.stream_version(stream);
    }
    domain::Result<domain::Bytes> raw_body(const domain::RawRef& ref) const override {
        return of_.raw_body(ref);
    }
    std::unique_ptr<Subscription> on_durable(Listener listener) override {
        return of_.on_durable(std::move(listener));
    }
    void submit(std::uint32_t partition, std::vector<Submission> submissions,
                Completion done) override {
        of_.submit(partition, std::move(submissions), std::move(done));
    }
    WriterState state() const override { return of_.state(); }
    std::int64_t clock_behind_us() const override { return of_.clock_behind_us(); }
    std::size_t queue_depth() const override { return of_.queue_depth(); }
    std::int64_t last_turn_boot_us() const override { return of_.last_turn_boot_us(); }
    void stop() override { of_.stop(); }

    mutable int whole_ = 0;

  private:
    Ledger& of_;
};

TEST(EraseAgain, ReadsTheLogOnceForAllWhoAreListed) {
    const Desk desk;
    std::vector<ListedErasure> listed;
    for (const char* id : {"a", "b", "c"}) {
        desk.say(id, "hello");
        listed.push_back({desk.subject(id), 1, "asked for it"});
    }
    CountedReads ledger(*desk.ledger);
    EXPECT_EQ(erase_again(ledger, *desk.vault, listed, RestoreWish{}, {}).value().applied, 3U);
    EXPECT_EQ(ledger.whole_, 1);
}

TEST(EraseAgain, ErasesWhoIsListedAndPassesOverTheRest) {
    const Desk desk;
    desk.say("a", "hello");
    desk.say("b", "hi");
    desk.say("c", "stays");
    const domain::SubjectId a = desk.subject("a");
    const domain::SubjectId b = desk.subject("b");
    desk.erase(b);
    const std::vector<ListedErasure> listed{
        {a, 1, "asked for it"}, {b, 2, "asked for it"}, {domain::SubjectId{{1}}, 3, ""}};
    const ErasureCounts counts =
        erase_again(*desk.ledger, *desk.vault, listed, RestoreWish{}, {}).value();
    EXPECT_EQ(counts.listed, 3U);
    EXPECT_EQ(counts.applied, 1U);
    EXPECT_EQ(counts.known, 1U);
    EXPECT_EQ(counts.unheard, 1U);
    EXPECT_EQ(desk.texts(), (Texts{"[erased]", "[erased]", "stays"}));
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
    EXPECT_EQ(known_subjects(*desk.vault, natives).value()->ids, (std::vector{a, b}));
    auto hold = *desk.vault->hold(a, std::chrono::milliseconds(2'000));
    EXPECT_EQ(known_subjects(*desk.vault, std::span(natives + 1, 1)).value()->front(), b)
        << "others are not kept waiting";
    auto asking = std::async(std::launch::async,
                             [&] { return known_subjects(*desk.vault, natives).value(); });
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

}  // namespace decklog::store::erasure_test
