// kill -9 at random points under load. What was answered 200 or 201 is in the log exactly once,
// what was not is there at most once and whole; positions and versions are dense; the chain
// verifies; the views equal a fresh fold; and sending all of it again adds nothing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/traffic.hpp"
#include "tests/e2e/waiting.hpp"

namespace decklog::e2e::crash {

constexpr int kClients = 8;
constexpr int kRounds = 50;
constexpr int kSoakRounds = 500;

TEST(CrashTest, WhatWasAnsweredIsThereOnceAfterKillsUnderLoad) {
    const int rounds = std::getenv("DECKLOG_SOAK") != nullptr ? kSoakRounds : kRounds;
    const auto seed = static_cast<std::uint32_t>(now_seconds());
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const TemporaryFolder folder;
    const auto data = folder.path() / "data";
    ServerProcess server(data, hook_secrets());
    History history;
    std::atomic<std::uint64_t> next{1};
    for (int round = 0; round < rounds; ++round) {
        ASSERT_TRUE(server.start()) << "round " << round << "\n" << server.log();
        Load load({server.url(), server.admin_token()}, history, next, kClients);
        std::this_thread::sleep_for(std::chrono::milliseconds(30 + random() % 300));
        server.kill_hard();
    }

    const std::vector<std::string> files{"--data", data.string()};
    const Finished verified = run_decklog({"verify", "--data", data.string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    EXPECT_EQ(broken_promises(read_log(files), history.acknowledged()), std::vector<std::string>{});
    EXPECT_GT(history.acknowledged().size(), static_cast<std::size_t>(rounds))
        << "too little load to mean anything";
    const Finished rebuilt = run_decklog({"rebuild", "--all", "--data", data.string()});
    EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.out << rebuilt.err;

    // Redelivery: what is there is recognised, what was lost unacknowledged comes in now.
    ASSERT_TRUE(server.start()) << server.log();
    const auto sent = history.sent();
    EXPECT_EQ(redeliver({server.url(), server.admin_token()}, sent, kClients),
              std::vector<std::string>{});
    const LogSeen again = read_log(files);
    EXPECT_EQ(again.tags.size(), count_tags(sent));
    EXPECT_EQ(broken_promises(again, {}), std::vector<std::string>{});
    EXPECT_EQ(server.stop(), 0) << server.log();
    std::printf("[ rounds   ] %d kills, %zu sent, %zu acknowledged, %llu events\n", rounds,
                sent.size(), history.acknowledged().size(),
                static_cast<unsigned long long>(again.events));
}

/// No file may grow any more: ledger, vault, views and what RocksDB notes beside them fail at once.
TEST(CrashTest, FilesThatCannotGrowEndNoServer) {
    constexpr std::uint64_t kLimitBytes = 1'000;
    constexpr std::chrono::seconds kViewsAreOpenedAgain{3};
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", hook_secrets());
    ASSERT_TRUE(server.start()) << server.log();
    History history;
    std::atomic<std::uint64_t> next{1};
    {
        const Load load({server.url(), server.admin_token()}, history, next, kClients);
        ASSERT_TRUE(waits_for([&] { return history.count_acknowledged() > 100; }));
        server.limit_files_to(kLimitBytes);
        EXPECT_TRUE(waits_for([&] { return history.refused()["outcome_unknown"] > 0; }));
        std::this_thread::sleep_for(kViewsAreOpenedAgain);
        HttpClient probe(server.url(), server.admin_token());
        EXPECT_EQ(probe.get("/live").status, 503) << "it asks for a restart, and is there";
        EXPECT_EQ(probe.get("/api/events?limit=1").status, 200);
        server.kill_hard();
    }
    const std::vector<std::string> files{"--data", server.data().string()};
    EXPECT_EQ(broken_promises(read_log(files), history.acknowledged()), std::vector<std::string>{});
}

}  // namespace decklog::e2e::crash
