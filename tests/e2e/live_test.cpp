// Sixty readers of the live stream on the real binary while events come in: fast ones, slow ones,
// some that stop reading for a while, and some that break off and come back again and again. Each
// sees what matches its filter, in order, once; the server keeps little for them; and when it ends,
// they go on with the next one.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <thread>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/shell.hpp"
#include "tests/e2e/sse_client.hpp"

namespace decklog::e2e::live {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr int kReaders = 60;
constexpr int kBatch = 20;
constexpr int kReturns = 1'500;
constexpr int kSoakReturns = 20'000;
constexpr std::chrono::seconds kTraffic{4};
constexpr std::chrono::seconds kSoakTraffic{120};
constexpr std::chrono::seconds kPatience{60};

enum class Pace { fast, slow, stopping, returning };

Pace pace_of(int reader) {
    if (reader < 20) return Pace::fast;
    if (reader < 35) return Pace::slow;
    return reader < 40 ? Pace::stopping : Pace::returning;
}

const char* filter_of(int reader) {
    constexpr const char* kFilters[] = {"from=0:1", "action=a1", "platform=p2",
                                        "conversation=c-3&action=a0", "actor=agent-1"};
    return kFilters[reader % 5];
}

std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

/// Kilobytes of the process in memory.
long resident_kb(const std::string& pid) {
    std::ifstream status("/proc/" + pid + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::strtol(line.c_str() + 6, nullptr, 10);
    }
    return 0;
}

class Live : public ::testing::Test {
  protected:
    void SetUp() override {
        server_.emplace(folder_.path() / "data",
                        std::map<std::string, std::string>{{"DECKLOG_DRAIN_SECONDS", "0"},
                                                           {"DECKLOG_LOG_LEVEL", "error"}});
        ASSERT_TRUE(server_->start()) << server_->log();
    }
    /// Writes batches until `until` and until readers have come back so often, at a pace that slow
    /// machines keep too.
    void write(Clock::time_point until, int returns = 0) {
        HttpClient client(server_->url(), server_->admin_token());
        const auto give_up = until + kPatience;
        const auto goes_on = [&] {
            return Clock::now() < until || (returns_ < returns && Clock::now() < give_up);
        };
        for (int n = 0; goes_on(); ++n) {
            json::array items;
            for (int i = 0; i < kBatch; ++i) {
                const int k = n * kBatch + i;
                const auto is = [k](int m) { return std::to_string(k % m); };
                items.push_back(json::object{{"action", "a" + is(2)},
                                             {"entityType", "e"},
                                             {"entityId", is(9)},
                                             {"actorType", "agent"},
                                             {"actorId", "agent-" + is(3)},
                                             {"platform", "p" + is(4)},
                                             {"conversationId", "c-" + is(5)}});
            }
            ASSERT_EQ(client.post("/api/audit", json::serialize(items)).status, 200);
            written_ += kBatch;
            std::this_thread::sleep_for(std::chrono::milliseconds(40));
        }
    }
    /// What the list says that a filter matches.
    std::vector<std::uint64_t> listed(const std::string& filter) {
        HttpClient client(server_->url(), server_->admin_token());
        std::vector<std::uint64_t> ordinals;
        std::string cursor = "0:0";
        while (!cursor.empty()) {
            const auto answer =
                client.get("/api/events?order=asc&limit=1000&cursor=" + cursor + "&" + filter);
            EXPECT_EQ(answer.status, 200) << answer.body;
            const json::value page = json::parse(answer.body);
            for (const json::value& item : page.at("items").as_array()) {
                const std::string position = json::value_to<std::string>(item.at("position"));
                ordinals.push_back(std::stoull(position.substr(position.find(':') + 1)));
            }
            const json::value& next = page.at("next");
            cursor = next.is_string() ? json::value_to<std::string>(next) : "";
        }
        return ordinals;
    }
    void connect(SseClient& client) {
        for (int tries = 0; tries < 500; ++tries) {
            const int status = client.connect();
            if (status == 200) return;
            // The place of a stream that was left is free once the server has noticed.
            EXPECT_EQ(status, 503);
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        ADD_FAILURE() << "no stream";
    }
    /// Reads at its pace until `head_` is set and it has everything up to there.
    void follow(int reader, SseClient& client) {
        std::mt19937 random(static_cast<unsigned>(reader));
        const auto roll = [&random] { return random() % 8; };
        const auto give_up = Clock::now() + kSoakTraffic + 2 * kPatience;
        connect(client);
        ready_++;
        std::size_t before = 0;
        std::size_t leave_after = 1 + roll();
        while (Clock::now() < give_up) {
            const std::uint64_t goal = goal_[static_cast<std::size_t>(reader % 5)];
            const auto& seen = client.seen();
            if (goal != 0 && !seen.empty() && seen.back() >= goal) return;
            const bool traffic = goal == 0;
            switch (pace_of(reader)) {
                case Pace::fast:
                    break;
                case Pace::slow:
                    if (traffic) std::this_thread::sleep_for(std::chrono::milliseconds(20));
                    break;
                case Pace::stopping:
                    if (traffic) std::this_thread::sleep_for(std::chrono::milliseconds(700));
                    break;
                case Pace::returning:
                    if (seen.size() - before < leave_after) break;
                    client.leave();
                    ++returns_;
                    connect(client);
                    before = client.seen().size();
                    leave_after = 1 + roll();
            }
            const bool is_slow = pace_of(reader) == Pace::slow;
            if (!client.read(is_slow ? 2'048 : 65'536, 200)) connect(client);
        }
        ADD_FAILURE() << "reader " << reader << " never came to the end";
    }

    TemporaryFolder folder_;
    std::optional<ServerProcess> server_;
    std::atomic<int> ready_{0};
    std::atomic<int> written_{0};
    std::atomic<int> returns_{0};
    std::array<std::atomic<std::uint64_t>, 5> goal_{};
};

TEST_F(Live, SixtyReadersOfAllPacesMissNothing) {
    const bool soak = std::getenv("DECKLOG_SOAK") != nullptr;
    const std::string token = server_->admin_token();
    const std::uint16_t port = port_of(server_->url());
    const std::string pid = std::to_string(server_->pid());
    std::vector<std::unique_ptr<SseClient>> clients;
    std::vector<std::thread> threads;
    for (int i = 0; i < kReaders; ++i)
        clients.push_back(
            std::make_unique<SseClient>(port, token, std::string("?cursor=0:1&") + filter_of(i)));
    for (int i = 0; i < kReaders; ++i)
        threads.emplace_back(
            [this, i, &clients] { follow(i, *clients[static_cast<std::size_t>(i)]); });
    while (ready_ < kReaders) std::this_thread::sleep_for(std::chrono::milliseconds(10));

    const long before_kb = resident_kb(pid);
    const int returns = soak ? kSoakReturns : kReturns;
    write(Clock::now() + (soak ? kSoakTraffic : kTraffic), returns);
    const long after_kb = resident_kb(pid);
    std::array<std::vector<std::uint64_t>, 5> wanted;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        // What was written through the cursor 0:1 on; the list takes the same cursor.
        wanted[i] = listed(filter_of(static_cast<int>(i)));
        std::erase_if(wanted[i], [](std::uint64_t ordinal) { return ordinal <= 1; });
        ASSERT_FALSE(wanted[i].empty());
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) goal_[i] = wanted[i].back();
    for (std::thread& thread : threads) thread.join();
    for (int i = 0; i < kReaders; ++i)
        EXPECT_EQ(clients[static_cast<std::size_t>(i)]->seen(),
                  wanted[static_cast<std::size_t>(i % 5)])
            << "reader " << i << " with " << filter_of(i);
    EXPECT_GE(returns_, returns) << "too few came back to prove anything";
    RecordProperty("returns", returns_);
    std::printf("%d events, %d readers, %d reconnects, %ld kB more in memory\n", written_.load(),
                kReaders, returns_.load(), after_kb - before_kb);
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)  // their memory is not ours
    EXPECT_LT(after_kb - before_kb, 200 * 1024L) << "sixty pieces and their buffers, not the log";
#endif
}

TEST_F(Live, GoesOnWithTheNextServerAfterTheLastId) {
    const std::string token = server_->admin_token();
    SseClient quiet(port_of(server_->url()), token, "");
    ASSERT_EQ(quiet.connect(), 200);
    while (quiet.place() == 0) ASSERT_TRUE(quiet.read(4'096, 5'000));
    const std::uint64_t place = quiet.place();
    write(Clock::now() + std::chrono::milliseconds(200));
    while (quiet.seen().empty()) ASSERT_TRUE(quiet.read(200, 5'000));
    server_->kill_hard();
    while (quiet.read(65'536, 1'000)) {
    }
    ASSERT_TRUE(server_->start()) << server_->log();
    write(Clock::now() + std::chrono::milliseconds(200));
    SseClient again(port_of(server_->url()), token, "");
    again.resume(quiet);
    ASSERT_EQ(again.connect(), 200);
    const auto wanted = listed("from=0:1");
    while (again.seen().empty() || again.seen().back() < wanted.back())
        ASSERT_TRUE(again.read(65'536, 5'000));
    std::vector<std::uint64_t> all = quiet.seen();
    all.insert(all.end(), again.seen().begin(), again.seen().end());
    EXPECT_EQ(all.front(), place + 1);
    EXPECT_EQ(all.back() - all.front() + 1, all.size()) << "dense, so nothing twice and no gap";
}

TEST_F(Live, TheCommandLineFollowsOverARestart) {
    const auto out = folder_.path() / "followed";
    const auto told = folder_.path() / "told";
    const pid_t follower = fork();
    if (follower == 0) {
        if (freopen(out.c_str(), "w", stdout) == nullptr ||
            freopen(told.c_str(), "w", stderr) == nullptr)
            _exit(126);
        const std::string binary = decklog_binary().string();
        execl(binary.c_str(), "decklog", "events", "--follow", "--json", "--data",
              server_->data().c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    const auto followed = [&] {
        std::vector<std::uint64_t> ordinals;
        std::istringstream lines(text_of(out));
        for (std::string line; std::getline(lines, line);) {
            const std::string position =
                json::value_to<std::string>(json::parse(line).at("position"));
            ordinals.push_back(std::stoull(position.substr(position.find(':') + 1)));
        }
        return ordinals;
    };
    const auto catches_up = [&] {
        const std::uint64_t end = listed("from=0:1").back() + 1;
        const auto until = Clock::now() + kPatience;
        while (Clock::now() < until && followed().size() < end)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        return followed().size() == end;
    };
    write(Clock::now() + std::chrono::milliseconds(200));
    EXPECT_TRUE(catches_up());
    server_->kill_hard();
    ASSERT_TRUE(server_->start()) << server_->log();
    write(Clock::now() + std::chrono::milliseconds(200));
    EXPECT_TRUE(catches_up());
    EXPECT_EQ(server_->stop(), 0);
    ASSERT_TRUE(server_->start()) << server_->log();
    write(Clock::now() + std::chrono::milliseconds(200));
    EXPECT_TRUE(catches_up());
    const auto all = followed();
    for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], i) << "nothing twice, no gap";
    EXPECT_NE(text_of(told).find("decklog: the stream ended after "), std::string::npos);
    EXPECT_NE(text_of(told).find("decklog: connected again"), std::string::npos);
    EXPECT_EQ(kill(follower, SIGTERM), 0) << "it goes on until it is ended";
    waitpid(follower, nullptr, 0);
}

TEST_F(Live, SixtyFourStreamsAndAClearNoToTheNext) {
    const std::string token = server_->admin_token();
    std::vector<std::unique_ptr<SseClient>> clients;
    for (int i = 0; i < 64; ++i) {
        clients.push_back(std::make_unique<SseClient>(port_of(server_->url()), token, ""));
        ASSERT_EQ(clients.back()->connect(), 200) << i;
    }
    const HttpAnswer refused = HttpClient(server_->url(), token).get("/api/events/live");
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.body.find("too_many_streams"), std::string::npos) << refused.body;
    EXPECT_NE(refused.head.find("Retry-After"), std::string::npos);
    EXPECT_EQ(HttpClient(server_->url(), token).get("/api/events?limit=1").status, 200);
    clients.pop_back();
    SseClient next(port_of(server_->url()), token, "");
    int status = 503;
    for (int tries = 0; tries < 500 && status == 503; ++tries) {
        status = next.connect();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(status, 200);
}

}  // namespace decklog::e2e::live
