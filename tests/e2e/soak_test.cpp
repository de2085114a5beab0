// The soak: traffic of all kinds without end, and something bad happens again and again: kill -9, a
// write that fails, the clock jumps, a backup is restored and goes on as the ledger. One oracle
// watches: acknowledged exactly once, unacknowledged at most once, dense, chain, views equal.
//
// In the test run every incident happens once; with DECKLOG_SOAK_SECONDS=N they come at random for
// that long. DECKLOG_SOAK_SEED repeats an order of incidents.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <random>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/traffic.hpp"

namespace decklog::e2e::soak {

namespace fs = std::filesystem;

constexpr int kClients = 8;
constexpr int kCheckViewsEvery = 8;
constexpr const char* kAdminToken = "admin-token-of-the-soak-0123456789abcdef";
constexpr const char* kFakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// The longest write-ahead log of the ledger: where the next commit goes.
std::uint64_t ledger_log_bytes(const fs::path& data) {
    std::uint64_t longest = 0;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(data / "ledger", gone)) {
        if (entry.path().extension() != ".log") continue;
        longest = std::max<std::uint64_t>(longest, entry.file_size(gone));
    }
    return longest;
}

class Soak {
  public:
    explicit Soak(std::uint32_t seed) : random_(seed), server_(data_of(0), hook_secrets()) {
        server_.set_variable("DECKLOG_ADMIN_TOKEN", kAdminToken);
        // Not 0: once the clock is turned, libfaketime refuses a timer set to a moment of the past,
        // and Asio then has no timers any more.
        server_.set_variable("DECKLOG_DRAIN_SECONDS", "1");
        if (!can_turn_the_clock()) return;
        turn_the_clock(0);
        server_.set_variable("LD_PRELOAD", kFakeTime);
        server_.set_variable("FAKETIME_TIMESTAMP_FILE", clock_file().string());
        server_.set_variable("FAKETIME_CACHE_DURATION", "1");
        server_.set_variable("DONT_FAKE_MONOTONIC", "1");
        server_.set_variable("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    using Incident = void (Soak::*)();
    struct Named {
        const char* name;
        Incident incident;
    };
    static const std::vector<Named>& incidents() {
        static const std::vector<Named> kAll{{"kill -9", &Soak::kill},
                                             {"stop", &Soak::stop},
                                             {"failing write", &Soak::fail_a_write},
                                             {"clock ahead", &Soak::clock_ahead},
                                             {"clock behind", &Soak::clock_behind},
                                             {"backup restored", &Soak::restore}};
        return kAll;
    }
    static bool can_turn_the_clock() { return fs::exists(kFakeTime); }

    void round(const Named& what) {
        SCOPED_TRACE(std::string("incident: ") + what.name + ", round " + std::to_string(rounds_));
        ASSERT_TRUE(server_.start()) << server_.log();
        (this->*what.incident)();
        if (::testing::Test::HasFatalFailure()) return;
        check(++rounds_ % kCheckViewsEvery == 0);
    }

    /// All traffic once more: what is there is recognised, what was lost comes in.
    void finish() {
        ASSERT_TRUE(server_.start()) << server_.log();
        const auto sent = history_.sent();
        EXPECT_EQ(redeliver(door(), sent, kClients), std::vector<std::string>{});
        EXPECT_EQ(server_.stop(), 0) << server_.log();
        check(true);
        const LogSeen log = read_log(files());
        EXPECT_EQ(log.tags.size(), sent.size());
        std::printf("[ soak     ] %d incidents, %zu sent, %llu events\n", rounds_, sent.size(),
                    static_cast<unsigned long long>(log.events));
    }

    std::mt19937& random() { return random_; }

  private:
    fs::path data_of(int generation) const {
        return folder_.path() / ("data-" + std::to_string(generation));
    }
    fs::path clock_file() const { return folder_.path() / "clock"; }
    std::vector<std::string> files() const { return {"--data", server_.data().string()}; }
    Door door() const { return {server_.url(), kAdminToken}; }
    void pass(int at_least_ms, int at_most_ms) {
        const auto spread = static_cast<std::uint32_t>(at_most_ms - at_least_ms);
        std::this_thread::sleep_for(
            std::chrono::milliseconds(at_least_ms + static_cast<int>(random_() % spread)));
    }
    void turn_the_clock(int seconds) const {
        const std::string text = (seconds < 0 ? "" : "+") + std::to_string(seconds);
        std::FILE* file = std::fopen(clock_file().c_str(), "w");
        std::fputs(text.c_str(), file);
        std::fclose(file);
    }
    Finished run(std::vector<std::string> words) const {
        return run_decklog(words, {{"DECKLOG_ADMIN_TOKEN", kAdminToken}});
    }

    void kill() {
        Load load(door(), history_, next_, kClients);
        pass(50, 400);
        server_.kill_hard();
    }

    void stop() {
        Load load(door(), history_, next_, kClients);
        pass(50, 400);
        EXPECT_EQ(server_.stop(), 0) << server_.log();
    }

    /// The write-ahead log is cut off in the middle of a commit; from then on nothing is accepted.
    void fail_a_write() {
        Load load(door(), history_, next_, kClients);
        pass(50, 300);
        server_.limit_files_to(ledger_log_bytes(server_.data()) + random_() % 20'000);
        pass(200, 500);
        server_.kill_hard();
    }

    /// More than a minute ahead: refused until an operator lets it in, at the next start.
    void clock_ahead() { jump(90 + static_cast<int>(random_() % 60)); }
    /// Back behind what was recorded: refused at start until an operator lets it in.
    void clock_behind() { jump(0); }
    void jump(int seconds) {
        {
            Load load(door(), history_, next_, kClients);
            pass(50, 200);
            if (can_turn_the_clock()) turn_the_clock(seconds);
            pass(1'200, 1'600);
            server_.kill_hard();
        }
        server_.set_arguments({"--accept-clock"});
        ASSERT_TRUE(server_.start()) << server_.log();
        Load load(door(), history_, next_, kClients);
        pass(50, 200);
        server_.kill_hard();
    }

    /// A backup taken under load becomes the ledger; what came after it was lost on purpose.
    void restore() {
        const auto generation = std::to_string(++generation_);
        const auto backup = folder_.path() / ("backup-" + generation);
        const auto vault = folder_.path() / ("vault-" + generation);
        std::set<std::string> before;
        {
            Load load(door(), history_, next_, kClients);
            pass(50, 300);
            before = history_.acknowledged();
            const Finished kept = run({"backup", backup.string(), "--vault", vault.string(),
                                       "--data", server_.data().string()});
            EXPECT_EQ(kept.exit_code, 0) << kept.out << kept.err;
            pass(20, 100);
            server_.kill_hard();
        }
        const fs::path old = server_.data();
        // The server's clock may have been turned ahead of the command line's.
        const Finished restored = run({"restore", backup.string(), "--vault", vault.string(),
                                       "--data", data_of(generation_).string(), "--accept-clock"});
        ASSERT_EQ(restored.exit_code, 0) << restored.out << restored.err;
        server_.move_to(data_of(generation_));
        const LogSeen log = read_log(files());
        EXPECT_EQ(broken_promises(log, before), std::vector<std::string>{});
        std::set<std::string> kept;
        for (const auto& [tag, count] : log.tags) kept.insert(tag);
        history_.forget_acknowledged_except(kept);
        fs::remove_all(old);
        fs::remove_all(backup);
        ASSERT_TRUE(server_.start()) << server_.log();
        const Finished adopted = run({"adopt", "--data", server_.data().string()});
        EXPECT_EQ(adopted.exit_code, 0) << adopted.out << adopted.err;
        server_.kill_hard();
    }

    void check(bool views) {
        const Finished verified = run({"verify", "--data", server_.data().string()});
        ASSERT_EQ(verified.exit_code, 0) << verified.out << verified.err << server_.log();
        ASSERT_EQ(broken_promises(read_log(files()), history_.acknowledged()),
                  std::vector<std::string>{});
        if (!views) return;
        const Finished rebuilt = run({"rebuild", "--all", "--data", server_.data().string()});
        ASSERT_EQ(rebuilt.exit_code, 0) << rebuilt.out << rebuilt.err;
    }

    const TemporaryFolder folder_;
    std::mt19937 random_;
    ServerProcess server_;
    History history_;
    std::atomic<std::uint64_t> next_{1};
    int rounds_ = 0;
    int generation_ = 0;
};

TEST(Soak, NothingAcknowledgedIsLostWhateverHappens) {
    const auto seed = static_cast<std::uint32_t>(
        number_from("DECKLOG_SOAK_SEED", static_cast<std::uint64_t>(now_seconds())));
    const auto seconds = std::chrono::seconds(number_from("DECKLOG_SOAK_SECONDS", 0));
    SCOPED_TRACE("DECKLOG_SOAK_SEED=" + std::to_string(seed));
    if (!Soak::can_turn_the_clock())
        std::printf("[ SKIPPED  ] the clock does not jump: libfaketime is not here\n");
    Soak soak(seed);
    for (const auto& incident : Soak::incidents()) {
        soak.round(incident);
        if (HasFatalFailure()) return;
    }
    const auto deadline = std::chrono::steady_clock::now() + seconds;
    while (std::chrono::steady_clock::now() < deadline) {
        soak.round(Soak::incidents()[soak.random()() % Soak::incidents().size()]);
        if (HasFatalFailure()) return;
    }
    soak.finish();
}

}  // namespace decklog::e2e::soak
