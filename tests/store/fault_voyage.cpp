#include "tests/store/fault_voyage.hpp"

#include <rocksdb/env.h>

#include <condition_variable>
#include <fstream>

namespace decklog::store::faulty {
namespace {

namespace fs = std::filesystem;
namespace rocks = rocks_test;

constexpr std::uint64_t kStreams = 5;
constexpr std::size_t kHeadsKept = 8;

/// Command `number` records 1 to 3 events, so that a torn commit would show.
std::size_t events_of(std::uint64_t number) { return 1 + number % 3; }
std::string stream_of(std::uint64_t number) { return "lane/" + std::to_string(number % kStreams); }
/// Every third command brings somebody new.
std::string person_of(std::uint64_t number) { return "person-" + std::to_string(number / 3); }
NativeSubject native(const std::string& person) { return {"person", "test", person}; }

std::string words_of(std::uint64_t number) { return "words of " + std::to_string(number); }

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

fs::path made(const fs::path& directory) {
    fs::create_directories(directory);
    return directory;
}

void expect_names_its_database(const domain::Error& error) {
    const bool names = error.context.find("ledger/") != std::string::npos ||
                       error.context.find("vault") != std::string::npos;
    EXPECT_TRUE(names) << "an error that says nothing of where: " << error.context;
}

/// Submits the calls without waiting in between, so that they share fsyncs, then waits for all.
std::vector<std::vector<Answer>> submit_all(Ledger& ledger,
                                            std::vector<std::vector<Submission>> calls) {
    struct Shared {
        std::mutex mutex;
        std::condition_variable done;
        std::vector<std::vector<Answer>> answers;
        std::size_t missing = 0;
    };
    const auto shared = std::make_shared<Shared>();
    shared->answers.resize(calls.size());
    shared->missing = calls.size();
    for (std::size_t i = 0; i < calls.size(); ++i) {
        ledger.submit(0, std::move(calls[i]), [shared, i](std::vector<Answer> answers) {
            const std::lock_guard lock(shared->mutex);
            shared->answers[i] = std::move(answers);
            if (--shared->missing == 0) shared->done.notify_one();
        });
    }
    std::unique_lock lock(shared->mutex);
    shared->done.wait(lock, [&] { return shared->missing == 0; });
    return std::move(shared->answers);
}

}  // namespace

std::string to_text(const Leg& leg) {
    static constexpr const char* kEndings[] = {"stop", "kill", "power loss", "torn power loss"};
    std::string text;
    for (const Fault& fault : leg.before_open) text += to_text(fault) + " from the start, ";
    for (const Fault& fault : leg.after_open) text += to_text(fault) + ", ";
    if (leg.random_faults_one_in != 0)
        text += "1 in " + std::to_string(leg.random_faults_one_in) + " operations, ";
    return text + std::to_string(leg.steps) + " steps of " + std::to_string(leg.payload_bytes) +
           " bytes, " + kEndings[static_cast<std::size_t>(leg.ending)];
}

Voyage::Voyage(std::uint32_t seed)
    : root_(made(directory_.path() / "data")),
      random_(seed),
      files_(root_, directory_.path() / "shadow"),
      env_(rocksdb::NewCompositeEnv(
          std::shared_ptr<rocksdb::FileSystem>(&files_, [](rocksdb::FileSystem*) {}))) {}

Leg Voyage::any_leg() {
    static constexpr const char* kWheres[] = {"/ledger/", "/vault/",  "",       ".log",
                                              ".sst",     "MANIFEST", "CURRENT"};
    Leg leg;
    leg.steps = 5 + random_() % 30;
    leg.ending = static_cast<Ending>(random_() % 4);
    if (random_() % 4 == 0) leg.payload_bytes = 300'000;  // makes tables while it works
    if (random_() % 5 == 0) {
        leg.random_faults_one_in = 20 + static_cast<std::uint32_t>(random_() % 200);
        return leg;
    }
    for (std::size_t faults = random_() % 3; faults > 0; --faults) {
        Fault fault;
        fault.operation = static_cast<Operation>(random_() % kOperations);
        fault.after = random_() % 40;
        fault.failure = static_cast<Failure>(random_() % 3);
        fault.goes_on = random_() % 2 == 0;
        fault.where = kWheres[random_() % std::size(kWheres)];
        (random_() % 3 == 0 ? leg.before_open : leg.after_open).push_back(fault);
    }
    return leg;
}

domain::Result<Voyage::Open> Voyage::open(rocksdb::Env* env) const {
    Open ship;
    const bool exists = fs::exists(root_ / "ledger" / "CURRENT");
    auto vault = open_rocks_vault(root_, exists, nullptr, env);
    if (!vault) return tl::unexpected(std::move(vault).error());
    ship.vault = std::move(*vault);
    LedgerOptions options;
    options.env = env;
    options.disk_space = [] { return DiskSpace{~std::uint64_t{0}, ~std::uint64_t{0}}; };
    options.read_only = ship.vault->missing();
    auto ledger = open_rocks_ledger(root_, options);
    if (!ledger) return tl::unexpected(std::move(ledger).error());
    ship.ledger = std::move(*ledger);
    if (auto bound = ship.vault->bind(ship.ledger->ledger_id()); !bound)
        return tl::unexpected(std::move(bound).error());
    return ship;
}

void Voyage::sail(const Leg& leg) {
    for (const Fault& fault : leg.before_open) files_.arm(fault);
    if (leg.random_faults_one_in != 0)
        files_.fail_at_random(static_cast<std::uint32_t>(random_()), leg.random_faults_one_in);
    {
        auto ship = open(env_.get());
        if (ship) {
            for (const Fault& fault : leg.after_open) files_.arm(fault);
            work(*ship, leg);
        } else {
            ++refused_starts_;
            EXPECT_GT(files_.failures(), 0U) << ship.error().context;
            expect_names_its_database(ship.error());
        }
        if (leg.ending != Ending::stop) files_.die();
    }
    files_.heal();
    if (leg.ending == Ending::power_loss || leg.ending == Ending::torn_power_loss)
        lose_power(leg.ending == Ending::torn_power_loss);
    files_.revive();
}

void Voyage::work(Open& ship, const Leg& leg) {
    for (std::size_t i = 0; i < leg.steps; ++i) {
        if (!step(ship, leg.payload_bytes)) {
            ++failed_legs_;
            return expect_fail_stop(ship);
        }
    }
}

bool Voyage::step(Open& ship, std::size_t payload_bytes) {
    std::vector<std::vector<Submission>> calls;
    std::vector<std::vector<std::uint64_t>> numbers;
    for (std::size_t count = 1 + random_() % 4; count > 0; --count) {
        std::vector<Submission> call;
        std::vector<std::uint64_t> mine;
        for (std::size_t items = 1 + random_() % 3; items > 0; --items) {
            const bool again = random_() % 5 == 0 && !acknowledged_.empty();
            const std::uint64_t number = again ? 1 + random_() % (next_ - 1) : next_++;
            if (auto submission = command(*ship.vault, number, payload_bytes)) {
                call.push_back(std::move(*submission));
                mine.push_back(number);
            }
        }
        if (call.empty()) continue;
        calls.push_back(std::move(call));
        numbers.push_back(std::move(mine));
    }
    const auto answers = submit_all(*ship.ledger, std::move(calls));
    for (std::size_t i = 0; i < answers.size(); ++i) {
        for (std::size_t j = 0; j < answers[i].size(); ++j) note(numbers[i][j], answers[i][j]);
    }
    remember_head();
    return ship.ledger->state() != WriterState::failed;
}

std::optional<Submission> Voyage::command(Vault& vault, std::uint64_t number,
                                          std::size_t payload_bytes) {
    const std::string person = person_of(number);
    const NativeSubject asked = native(person);
    const auto subjects = vault.subjects_for(std::span(&asked, 1));
    if (!subjects) {
        EXPECT_GT(files_.failures(), 0U) << subjects.error().context;
        return std::nullopt;
    }
    const auto [known, is_new] = people_.emplace(person, subjects->front());
    EXPECT_EQ(known->second, subjects->front()) << "one person under two ids: " << person;
    const auto sealed = vault.seal(subjects->front(), bytes_of(words_of(number)));
    if (!sealed) {
        EXPECT_GT(files_.failures(), 0U) << sealed.error().context;
        return std::nullopt;
    }
    domain::NewEvent event = rocks::event(stream_of(number), std::string(payload_bytes, 'p'));
    event.sealed = *sealed;
    event.subject = subjects->front();
    Submission submission;
    submission.intent.command = "sail";
    submission.intent.home = {"default", event.stream};
    submission.intent.decide = [number, event](domain::Histories) {
        return domain::Decision<domain::Events>(domain::Events(events_of(number), event));
    };
    return rocks::keyed(std::move(submission), number);
}

void Voyage::note(std::uint64_t number, const Answer& answer) {
    if (!answer) {
        EXPECT_EQ(answer.error().kind, Refused::outcome_unknown) << answer.error().rejection.code;
        if (!acknowledged_.contains(number)) unknown_.insert(number);
        return;
    }
    unknown_.erase(number);
    const Place place{answer->first.ordinal, answer->last.ordinal};
    const auto [known, is_new] = acknowledged_.emplace(number, place);
    EXPECT_EQ(known->second.first, place.first) << "command " << number << " was moved";
    EXPECT_EQ(known->second.last, place.last);
    EXPECT_TRUE(is_new || answer->outcome == Outcome::repeated);
}

/// The disk may be well again: this process trusts it no more, and still answers questions.
void Voyage::expect_fail_stop(Open& ship) {
    files_.heal();
    const std::uint64_t appends = files_.wal_appends("/ledger/");
    const std::uint64_t durable = ship.ledger->head(0).next_ordinal;
    const Answer answer = rocks::submit(*ship.ledger, rocks::append("after the failure"));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, Refused::outcome_unknown);
    EXPECT_TRUE(ship.ledger->failure().has_value());
    EXPECT_EQ(files_.wal_appends("/ledger/"), appends) << "a write was tried again";
    std::uint64_t next = 0;
    const auto read = ship.ledger->read({0, 0}, [&](const FramePtr& frame) {
        next = frame->last().ordinal + 1;
        return next < durable;
    });
    EXPECT_TRUE(read.has_value()) << read.error().context;
    EXPECT_GE(next, durable);
}

void Voyage::remember_head() {
    std::ifstream file(root_ / "HEAD", std::ios::binary);
    heads_.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>{});
    if (heads_.size() > kHeadsKept) heads_.erase(heads_.begin());
}

/// HEAD is never synced: what is found is anything it held, nothing, or the seam of two.
void Voyage::lose_power(bool torn) {
    files_.lose_power(random_, torn);
    if (random_() % 3 == 0) fs::remove(root_ / "vault" / "HEAD");
    if (heads_.empty()) return;
    const fs::path file = root_ / "HEAD";
    std::string found = heads_[random_() % heads_.size()];
    const std::string other = heads_[random_() % heads_.size()];
    switch (random_() % 5) {
        case 0:
            fs::remove(file);
            return;
        case 1:
            found.clear();
            break;
        case 2:
            found.assign(found.size(), '\0');
            break;
        case 3:
            if (torn && other.size() == found.size() && !found.empty()) {
                const std::size_t seam = random_() % found.size();
                found = found.substr(0, seam) + other.substr(seam);
            }
            break;
        default:
            break;
    }
    std::ofstream(file, std::ios::binary | std::ios::trunc) << found;
}

void Voyage::check() {
    auto ship = open(nullptr);
    ASSERT_TRUE(ship.has_value()) << "healthy files do not open: " << ship.error().context;
    const auto report = verify(*ship->ledger, {});
    ASSERT_TRUE(report.has_value()) << report.error().context;
    ASSERT_TRUE(report->ok()) << report->problem;
    check_people(*ship->vault);
    check_log(*ship);
    send_unknown_again(*ship);
    ship->ledger->stop();
    ship->ledger.reset();
    ship->vault.reset();
    // What was written past the faulty files is durable for them.
    files_.adopt();
}

void Voyage::check_people(Vault& vault) const {
    for (const auto& [person, subject] : people_) {
        const auto found = vault.find_subject(native(person));
        ASSERT_TRUE(found.has_value()) << found.error().context;
        ASSERT_TRUE(found->has_value()) << person << " was lost";
        EXPECT_EQ(**found, subject);
    }
}

void Voyage::check_log(const Open& ship) const {
    std::map<std::uint64_t, Place> found;
    std::map<std::string, std::uint64_t> versions;
    std::uint64_t next = 0;
    const auto read = ship.ledger->read({0, 0}, [&](const FramePtr& frame) {
        EXPECT_EQ(frame->first().ordinal, next);
        next = frame->last().ordinal + 1;
        std::uint64_t number = 0;
        if (const auto key = frame->command_key()) {
            std::memcpy(&number, key->bytes.data(), sizeof number);
            EXPECT_EQ(frame->event_count(), events_of(number)) << "a commit is whole";
            const Place place{frame->first().ordinal, frame->last().ordinal};
            EXPECT_TRUE(found.emplace(number, place).second) << number << " is there twice";
        }
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const domain::EventView event = frame->event(i);
            EXPECT_EQ(event.stream_version(), ++versions[std::string(event.stream())]);
            if (number == 0) continue;
            const auto opened = ship.vault->open({event.sealed_data(), event.sealed_size()});
            EXPECT_TRUE(opened.has_value() && std::holds_alternative<domain::Bytes>(*opened))
                << "the key of command " << number << " was lost";
        }
        return true;
    });
    EXPECT_TRUE(read.has_value()) << read.error().context;
    EXPECT_EQ(next, ship.ledger->head(0).next_ordinal);
    for (const auto& [number, place] : acknowledged_) {
        const auto there = found.find(number);
        ASSERT_NE(there, found.end()) << "lost what was acknowledged: " << number;
        EXPECT_EQ(there->second.first, place.first);
        EXPECT_EQ(there->second.last, place.last);
    }
    for (const auto& [number, place] : found) {
        EXPECT_TRUE(acknowledged_.contains(number) || unknown_.contains(number)) << number;
    }
}

void Voyage::send_unknown_again(Open& ship) {
    std::size_t sent = 0;
    const std::set<std::uint64_t> unknown = unknown_;
    for (const std::uint64_t number : unknown) {
        if (++sent > 5) return;
        auto submission = command(*ship.vault, number, 100);
        ASSERT_TRUE(submission.has_value());
        const Answer answer = rocks::submit(*ship.ledger, std::move(*submission));
        ASSERT_TRUE(answer.has_value()) << answer.error().rejection.code;
        note(number, answer);
    }
}

}  // namespace decklog::store::faulty
