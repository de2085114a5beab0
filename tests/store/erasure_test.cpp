// Forgetting a person, over memory and over files: what goes, what stays, what a crash between the
// commit and the destruction leaves to the next start, and messages that arrive meanwhile.
#include "store/erasure.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <thread>

#include "domain/payload.hpp"
#include "store/backup/erase_again.hpp"
#include "store/raw_expiry.hpp"
#include "store/row_ledger.hpp"
#include "store/vault/seal.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store::erasure_test {

using rocks_test::SteppedClock;
using rocks_test::TempDir;

domain::Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

NativeSubject person(const std::string& id) { return {"person", "whatsapp", id}; }

ErasureOrder order(std::string reason = "asked for it") {
    ErasureOrder order;
    order.reason = std::move(reason);
    order.now_us = 1'800'000'000'000'000;
    return order;
}

/// A ledger and its vault, in files under `root` or in memory.
struct Desk {
    explicit Desk(const std::filesystem::path* root = nullptr) : root_(root) { open(); }
    ~Desk() { close(); }
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    void open() {
        options_.disk_free_bytes_min = 0;
        options_.disk_free_share_min = 0;
        options_.clock = &clock;
        if (root_ == nullptr) {
            vault = make_memory_vault(nullptr);
            ledger = make_memory_ledger(options_);
            return;
        }
        const bool exists = std::filesystem::exists(*root_ / "ledger" / "CURRENT");
        vault = *open_rocks_vault(*root_, exists, nullptr);
        ledger = *open_rocks_ledger(*root_, options_);
    }
    void close() {
        if (ledger) ledger->stop();
        ledger.reset();
        vault.reset();
    }

    domain::SubjectId subject(const std::string& id) const {
        const NativeSubject native = person(id);
        return vault->subjects_for(std::span(&native, 1)).value().front();
    }

    /// As an edge does it: subject, seal, submit, and let go when it is answered.
    domain::RawRef say(const std::string& id, const std::string& text,
                       const std::string& actor = {}) const {
        const NativeSubject native = person(id);
        const Subjects subjects = vault->subjects_for(std::span(&native, 1)).value();
        auto body = std::make_shared<RawBody>();
        body->ref.day = static_cast<std::uint32_t>(clock.now_us() / 86'400'000'000);
        system_random().fill(body->ref.id.bytes);
        body->ref.length = static_cast<std::uint32_t>(text.size());
        body->sealed =
            vault->seal_raw(body->ref.day, bytes_of("{\"raw\":\"" + text + "\"}")).value();
        domain::NewEvent event;
        event.type = domain::EventType::message_received;
        event.stream = "room/" + domain::to_text(subjects.front());
        event.occurred_at_us = clock.now_us();
        event.actor = {"person", actor.empty() ? domain::to_text(subjects.front()) : actor};
        event.recorded_by = "hook:whatsapp:default";
        event.platform = "whatsapp";
        event.subject = subjects.front();
        event.sealed = vault->seal(subjects.front(), bytes_of(text)).value();
        event.raw = body->ref;
        std::vector<Submission> submissions(1);
        submissions[0].intent = domain::fact("receive_message", std::move(event));
        submissions[0].raw = body;
        EXPECT_TRUE(submit_and_wait(*ledger, 0, std::move(submissions)).front());
        return body->ref;
    }

    ErasureDone erase(const domain::SubjectId& who, const ErasureHooks& hooks = {}) const {
        auto answer = erase_subject(*ledger, *vault, who, order(), hooks);
        EXPECT_TRUE(answer) << answer.error().context;
        if (!answer) return {};
        EXPECT_TRUE(*answer) << answer->error().rejection.code;
        return *answer ? std::move(**answer) : ErasureDone{};
    }

    /// The texts of all sealed parts, in order.
    std::vector<std::string> texts() const {
        std::vector<std::string> texts;
        EXPECT_TRUE(ledger->read({0, 0}, [&](const FramePtr& frame) {
            for (std::size_t i = 0; i < frame->event_count(); ++i) {
                const auto event = frame->event(i);
                if (event.sealed_size() == 0) continue;
                const auto opened =
                    vault->open(std::span(event.sealed_data(), event.sealed_size())).value();
                const auto* plain = std::get_if<domain::Bytes>(&opened);
                texts.push_back(plain == nullptr ? "[erased]"
                                                 : std::string(plain->begin(), plain->end()));
            }
            return true;
        }));
        return texts;
    }

    SteppedClock clock;
    std::unique_ptr<Vault> vault;
    std::unique_ptr<Ledger> ledger;

  private:
    const std::filesystem::path* root_;
    LedgerOptions options_;
};

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
void commit_only(const Desk& desk, const domain::SubjectId& who) {
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
    ASSERT_TRUE(submit_and_wait(*desk.ledger, 0, std::move(submissions)).front());
}

TEST(Erasure, IsTakenUpAgainAfterACrashBehindTheCommit) {
    const TempDir root;
    Desk desk(&root.path());
    desk.say("a", "hello");
    commit_only(desk, desk.subject("a"));
    desk.close();
    desk.open();
    EXPECT_EQ(desk.texts(), Texts{"hello"});
    const auto undone = destroy_erased_keys(*desk.ledger, *desk.vault).value();
    ASSERT_EQ(undone.size(), 1U);
    EXPECT_EQ(desk.texts(), Texts{"[erased]"});
    ASSERT_TRUE(finish_erasures(*desk.ledger, *desk.vault, undone, {}));
    EXPECT_TRUE(destroy_erased_keys(*desk.ledger, *desk.vault).value().empty());
    desk.close();
    desk.open();
    EXPECT_TRUE(destroy_erased_keys(*desk.ledger, *desk.vault).value().empty())
        << "it is remembered how far this was done";
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
    EXPECT_EQ(destroy_erased_keys(*desk.ledger, *desk.vault).value().size(), 1U);
    EXPECT_EQ(desk.texts(), Texts{"[erased]"});
}

std::string files_under(const std::filesystem::path& folder) {
    std::string bytes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
}

bool holds(const std::string& files, std::span<const std::uint8_t> sought) {
    return files.find(std::string(sought.begin(), sought.end())) != std::string::npos;
}

/// Draws what it is told to, so that a test knows the bytes of a key.
class CountedRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> bytes) override {
        system_random().fill(bytes);
        if (bytes.size() == 32) drawn_.emplace_back(bytes.begin(), bytes.end());
    }
    std::vector<domain::Bytes> drawn_;  // the 32-byte ones: keys
};

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

// ---- raw bodies grow old

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
    EXPECT_EQ(expire_raw_bodies(*desk.ledger, *desk.vault, 70, nullptr).value(), 1U);
    EXPECT_TRUE(std::holds_alternative<Erased>(desk.vault->open_raw(old).value()));
    EXPECT_EQ(std::get<domain::Bytes>(desk.vault->open_raw(kept).value()), bytes_of("kept"));
    EXPECT_EQ(expire_raw_bodies(*desk.ledger, *desk.vault, 70, nullptr).value(), 0U);
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
    EXPECT_EQ(expire_raw_bodies(*ledger, *vault, today - 30, nullptr).value(), 1U);
    const std::string after = files_under(root.path());
    EXPECT_FALSE(holds(after, random.drawn_[0])) << "the day's key";
    EXPECT_FALSE(holds(after, sealed)) << "the body";
    ledger->stop();
}

}  // namespace decklog::store::erasure_test
