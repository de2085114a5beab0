// kill -9 at random points under load. What was acknowledged is there exactly once, what was not is
// there at most once and whole, positions and versions are dense, verify agrees, and sending
// everything again adds only what was missing.
#include <charconv>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace crash_test {

namespace rocks = rocks_test;

constexpr std::uint64_t kClients = 4;
constexpr std::uint64_t kCommandsPerClient = 100'000;  // more than a round lives to send
constexpr int kRounds = 8;

/// Command `number` records 1 to 4 events in its client's stream, so that a torn commit would show.
std::size_t events_of(std::uint64_t number) { return 1 + number % 4; }

Submission command(std::uint64_t number) {
    const std::string stream = "client/" + std::to_string(number / kCommandsPerClient);
    Submission submission;
    submission.intent.command = "load";
    submission.intent.home = {"default", stream};
    submission.intent.decide = [number,
                                stream](domain::Histories) -> domain::Decision<domain::Events> {
        return domain::Events(events_of(number), rocks::event(stream, std::string(100, 'p')));
    };
    return rocks::keyed(std::move(submission), number);
}

struct Acknowledged {
    std::uint64_t first = 0, last = 0;
};
using Acknowledgements = std::map<std::uint64_t, Acknowledged>;

/// "number first last" a line; a line that the kill cut is none.
Acknowledgements parse(const std::string& reported) {
    Acknowledgements acknowledged;
    std::istringstream lines(reported.substr(0, reported.rfind('\n') + 1));
    std::uint64_t number = 0;
    Acknowledged at;
    while (lines >> number >> at.first >> at.last) acknowledged[number] = at;
    return acknowledged;
}

/// Sends commands of one client, several a call, until it is killed.
void send_until_killed(Ledger& ledger, std::uint64_t first_number) {
    for (std::uint64_t number = first_number;;) {
        std::vector<Submission> submissions;
        const std::uint64_t count = 1 + number % 3;
        for (std::uint64_t i = 0; i < count; ++i) submissions.push_back(command(number + i));
        for (const Answer& answer : submit_and_wait(ledger, 0, std::move(submissions))) {
            rocks::report(std::to_string(number++) + " " +
                          std::to_string(answer.value().first.ordinal) + " " +
                          std::to_string(answer.value().last.ordinal));
        }
    }
}

struct Found {
    std::map<std::uint64_t, Acknowledged> commands;
    std::set<std::uint64_t> doubled;
};

Found read_back(const Ledger& ledger) {
    Found found;
    std::map<domain::CommandKey, std::uint64_t> numbers;
    std::map<std::string, std::uint64_t> versions;
    std::uint64_t next = 0;
    const auto read = ledger.read({0, 0}, [&](const FramePtr& frame) {
        EXPECT_EQ(frame->first().ordinal, next);
        next = frame->last().ordinal + 1;
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const domain::EventView event = frame->event(i);
            EXPECT_EQ(event.stream_version(), ++versions[std::string(event.stream())]);
        }
        if (const auto key = frame->command_key()) {
            std::uint64_t number = 0;
            std::memcpy(&number, key->bytes.data(), sizeof number);
            EXPECT_EQ(frame->event_count(), events_of(number)) << "a commit is whole";
            if (!found.commands
                     .emplace(number, Acknowledged{frame->first().ordinal, frame->last().ordinal})
                     .second) {
                found.doubled.insert(number);
            }
        }
        return true;
    });
    EXPECT_TRUE(read.has_value());
    EXPECT_EQ(next, ledger.head(0).next_ordinal);
    return found;
}

/// The first command that each client of a round did not get an answer for.
void send_again(Ledger& ledger, std::uint64_t round, const Acknowledgements& acknowledged,
                const Found& found) {
    for (std::uint64_t client = 0; client < kClients; ++client) {
        const std::uint64_t first = (round * kClients + client) * kCommandsPerClient;
        for (std::uint64_t number = first; number < first + kCommandsPerClient; ++number) {
            const bool was_there = found.commands.contains(number);
            const Answer answer = rocks::submit(ledger, command(number));
            ASSERT_TRUE(answer.has_value());
            EXPECT_EQ(answer->outcome, was_there ? Outcome::repeated : Outcome::accepted);
            if (const auto known = acknowledged.find(number); known != acknowledged.end()) {
                EXPECT_EQ(answer->first.ordinal, known->second.first);
                EXPECT_EQ(answer->last.ordinal, known->second.last);
            }
            if (!was_there) break;
        }
    }
}

}  // namespace crash_test

/// Not a test: the process that gets killed.
TEST(RocksCrashChild, DISABLED_SendsUntilKilled) {
    if (rocks_test::child_root().empty()) GTEST_SKIP() << "runs only as a child";
    const auto ledger = rocks_test::open(rocks_test::child_root());
    const std::uint64_t round = std::stoull(rocks_test::child_argument());
    std::vector<std::jthread> clients;
    for (std::uint64_t client = 0; client < crash_test::kClients; ++client) {
        clients.emplace_back([&ledger, first = (round * crash_test::kClients + client) *
                                               crash_test::kCommandsPerClient] {
            crash_test::send_until_killed(*ledger, first);
        });
    }
}

TEST(RocksCrash, KeepsExactlyWhatItAcknowledgedThroughKillsAtRandomPoints) {
    const rocks_test::TempDir dir;
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    crash_test::Acknowledgements all;
    for (std::uint64_t round = 0; round < crash_test::kRounds; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        rocks_test::ChildProcess child("RocksCrashChild.DISABLED_SendsUntilKilled", dir.path(),
                                       std::to_string(round));
        std::string reported;
        while (crash_test::parse(reported).empty()) {  // until it is under way
            const std::string more = child.read_some();
            if (more.empty()) break;
            reported += more;
        }
        std::jthread killer([&child, patience = std::chrono::microseconds(random() % 150'000)] {
            std::this_thread::sleep_for(patience);
            child.kill();
        });
        reported += child.read_all();
        killer.join();
        child.wait();
        const crash_test::Acknowledgements acknowledged = crash_test::parse(reported);
        EXPECT_FALSE(acknowledged.empty());
        all.insert(acknowledged.begin(), acknowledged.end());

        const auto ledger = rocks_test::open(dir.path());
        const VerifyReport report = verify(*ledger, {}).value();
        ASSERT_TRUE(report.ok()) << report.problem;
        const crash_test::Found found = crash_test::read_back(*ledger);
        EXPECT_TRUE(found.doubled.empty());
        for (const auto& [number, at] : all) {
            const auto there = found.commands.find(number);
            ASSERT_NE(there, found.commands.end()) << "lost what was acknowledged: " << number;
            EXPECT_EQ(there->second.first, at.first);
            EXPECT_EQ(there->second.last, at.last);
        }
        crash_test::send_again(*ledger, round, acknowledged, found);
    }
}

TEST(RocksCrash, OpensAgainAfterAKillWhileItWasBeingMade) {
    std::mt19937 random(std::random_device{}());
    for (int round = 0; round < 6; ++round) {
        const rocks_test::TempDir dir;
        rocks_test::ChildProcess child("RocksCrashChild.DISABLED_SendsUntilKilled", dir.path(),
                                       "0");
        const std::filesystem::path directory = dir.path() / "ledger";
        while (!std::filesystem::exists(directory)) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
        child.kill();
        const crash_test::Acknowledgements acknowledged = crash_test::parse(child.read_all());
        child.wait();
        const auto ledger = rocks_test::open(dir.path());
        EXPECT_GT(ledger->head(0).next_ordinal, acknowledged.size());
        EXPECT_TRUE(rocks_test::submit(*ledger, rocks_test::append("s")).has_value());
        const VerifyReport report = verify(*ledger, {}).value();
        EXPECT_TRUE(report.ok()) << report.problem;
    }
}

}  // namespace decklog::store
