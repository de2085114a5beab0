// The soak: traffic of all kinds without end, and something bad happens again and again: kill -9, a
// write that fails, the clock jumps, a person is erased while the server is killed, a backup is
// restored and goes on as the ledger. One oracle watches: acknowledged exactly once, unacknowledged
// at most once, dense, chain, views equal; whoever follows the live stream sees every event once
// and none that is not durable; who is erased stays so. Each incident proves that it took place.
//
// In the test run every incident happens once; with DECKLOG_SOAK_SECONDS=N they come at random for
// that long. DECKLOG_SOAK_SEED repeats an order of incidents.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <optional>
#include <random>
#include <thread>

#include "tests/e2e/follower.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/traffic.hpp"
#include "tests/e2e/waiting.hpp"

namespace decklog::e2e::soak {

namespace fs = std::filesystem;

constexpr int kClients = 8;
constexpr int kCheckViewsEvery = 8;
constexpr const char* kAdminToken = "admin-token-of-the-soak-0123456789abcdef";
constexpr int kAheadSecondsMin = 90;  // more than a step that is let in (60)

/// libfaketime, wherever this machine's architecture keeps it; empty: it is not installed.
fs::path fake_time() {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/usr/lib", none)) {
        const fs::path library = entry.path() / "faketime" / "libfaketimeMT.so.1";
        if (fs::exists(library, none)) return library;
    }
    return {};
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Bytes of the newest write-ahead log of the ledger: where the next commit goes. Older ones, which
/// a recovery leaves, may be far longer.
std::uint64_t ledger_log_bytes(const fs::path& data) {
    fs::path newest;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(data / "ledger", gone)) {
        if (entry.path().extension() == ".log") newest = std::max(newest, entry.path());
    }
    return fs::file_size(newest);
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
        server_.set_variable("LD_PRELOAD", fake_time().string());
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
    /// That this machine can bring about.
    static std::vector<Named> incidents() {
        std::vector<Named> all{{"kill -9", &Soak::kill},
                               {"stop", &Soak::stop},
                               {"failing write", &Soak::fail_a_write},
                               {"person erased", &Soak::erase},
                               {"backup restored", &Soak::restore}};
        if (!can_turn_the_clock()) return all;
        all.insert(all.end() - 1,
                   {{"clock ahead", &Soak::clock_ahead}, {"clock behind", &Soak::clock_behind}});
        return all;
    }
    static bool can_turn_the_clock() { return !fake_time().empty(); }

    void round(const Named& what) {
        SCOPED_TRACE(std::string("incident: ") + what.name + ", round " + std::to_string(rounds_));
        ASSERT_TRUE(server_.start()) << end_of_log();
        (this->*what.incident)();
        if (::testing::Test::HasFatalFailure()) return;
        check(++rounds_ % kCheckViewsEvery == 0);
    }

    /// All traffic once more: what is there is recognised, what was lost comes in.
    void finish() {
        ASSERT_TRUE(server_.start()) << end_of_log();
        follower_.follow(door());
        const auto sent = history_.sent();
        EXPECT_EQ(redeliver(door(), sent, kClients), std::vector<std::string>{});
        const LogSeen log = read_log(files());
        EXPECT_TRUE(follower_.reaches(log.events)) << "of " << log.events << " events";
        follower_.leave();
        EXPECT_EQ(follower_.next(), log.events);
        EXPECT_EQ(server_.stop(), 0) << end_of_log();
        check(true);
        EXPECT_EQ(log.tags.size() + history_.erased().size(), count_tags(sent));
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

    /// Traffic while it lives, and a reader of the live stream; both have begun when it is made.
    class Traffic {
      public:
        explicit Traffic(Soak& soak) : follower_(soak.follower_) {
            follower_.follow(soak.door());
            const std::size_t before = soak.history_.count_acknowledged();
            load_.emplace(soak.door(), soak.history_, soak.next_, kClients);
            EXPECT_TRUE(waits_for([&] { return soak.history_.count_acknowledged() > before; }))
                << "nothing is taken in: no incident under load\n"
                << soak.end_of_log();
        }
        ~Traffic() {
            load_.reset();
            follower_.leave();
        }
        Traffic(const Traffic&) = delete;
        Traffic& operator=(const Traffic&) = delete;

      private:
        Follower& follower_;
        std::optional<Load> load_;
    };

    using Refusals = std::map<std::string, int>;
    /// Until a client is refused with `code` once more than `before`.
    void expect_refusals(const char* code, Refusals before) {
        EXPECT_TRUE(waits_for([&] { return history_.refused()[code] > before[code]; }))
            << "nobody was refused with " << code << ": before " << ::testing::PrintToString(before)
            << ", now " << ::testing::PrintToString(history_.refused()) << "\n"
            << end_of_log();
    }
    std::string end_of_log() const {
        constexpr std::size_t kBytes = 4'096;
        const std::string log = server_.log();
        return log.substr(log.size() - std::min(log.size(), kBytes));
    }

    void kill() {
        const Traffic traffic(*this);
        pass(50, 400);
        server_.kill_hard();
    }

    void stop() {
        const Traffic traffic(*this);
        pass(50, 400);
        EXPECT_EQ(server_.stop(), 0) << end_of_log();
    }

    /// The write-ahead log is cut off in the middle of a commit; from then on nothing is accepted.
    void fail_a_write() {
        const Refusals before = history_.refused();
        const Traffic traffic(*this);
        pass(50, 300);
        server_.limit_files_to(ledger_log_bytes(server_.data()) + random_() % 20'000);
        expect_refusals("outcome_unknown", before);
        pass(50, 200);
        EXPECT_EQ(HttpClient(server_.url()).get("/live").status, 503) << "it asks for a restart\n"
                                                                      << end_of_log();
        server_.kill_hard();
    }

    /// The server is killed while it forgets somebody; the next start or the next request ends it.
    void erase() {
        std::optional<std::string> person;
        {
            const Traffic traffic(*this);
            ASSERT_TRUE(
                waits_for([&] { return (person = history_.take_a_stranger()).has_value(); }));
            const std::jthread erasing(
                [this, person, at = door()] { static_cast<void>(erase_at(at, *person)); });
            pass(1, 150);
            server_.kill_hard();
        }
        ASSERT_TRUE(server_.start()) << end_of_log();
        // 404: it was in the log when the server was killed, and the start has finished it.
        const int status = erase_at(door(), *person);
        EXPECT_TRUE(status == 200 || status == 404) << status;
        server_.kill_hard();
    }
    static int erase_at(const Door& server, const std::string& person) {
        HttpClient admin(server.url, server.token);
        return admin
            .post("/api/subjects/erase",
                  R"({"person":")" + person + R"(","reason":"asked in the soak"})")
            .status;
    }

    void clock_ahead() {
        if (is_ahead_) step_back();
        step_ahead();
    }
    void clock_behind() {
        if (!is_ahead_) step_ahead();
        if (!::testing::Test::HasFatalFailure()) step_back();
    }
    /// More than a minute ahead: refused until an operator lets it in, at the next start.
    void step_ahead() {
        turn_while_running(kAheadSecondsMin + static_cast<int>(random_() % 60));
        is_ahead_ = true;
        go_on_with_this_clock();
    }
    /// Back behind what was recorded: refused, at the next start too, until an operator lets it in.
    void step_back() {
        turn_while_running(0);
        is_ahead_ = false;
        server_.set_arguments({});
        EXPECT_FALSE(server_.start(std::chrono::seconds(0))) << "it is ready with a clock behind";
        const Refusals before = history_.refused();
        {
            const Load load(door(), history_, next_, kClients);
            expect_refusals("clock_refused", before);
        }
        server_.kill_hard();
        go_on_with_this_clock();
    }
    void turn_while_running(int seconds) {
        if (server_.pid() <= 0) {
            ASSERT_TRUE(server_.start()) << end_of_log();
        }
        const Refusals before = history_.refused();
        const Traffic traffic(*this);
        pass(50, 200);
        turn_the_clock(seconds);
        expect_refusals("clock_refused", before);
        server_.kill_hard();
    }
    /// It stays accepted: until the real time has come up with what was recorded, every start needs
    /// that.
    void go_on_with_this_clock() {
        server_.set_arguments({"--accept-clock"});
        ASSERT_TRUE(server_.start()) << end_of_log();
        const Traffic traffic(*this);
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
            const Traffic traffic(*this);
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
        follower_.begin_anew();
        const LogSeen log = read_log(files());
        EXPECT_EQ(broken_promises(log, before), std::vector<std::string>{});
        std::set<std::string> kept;
        for (const auto& [tag, count] : log.tags) kept.insert(tag);
        history_.forget_acknowledged_except(kept);
        fs::remove_all(old);
        fs::remove_all(backup);
        ASSERT_TRUE(server_.start()) << end_of_log();
        const Finished adopted = run({"adopt", "--data", server_.data().string()});
        EXPECT_EQ(adopted.exit_code, 0) << adopted.out << adopted.err;
        server_.kill_hard();
    }

    void check(bool views) {
        const Finished verified = run({"verify", "--data", server_.data().string()});
        ASSERT_EQ(verified.exit_code, 0) << verified.out << verified.err << end_of_log();
        const LogSeen log = read_log(files());
        ASSERT_EQ(broken_promises(log, history_.acknowledged()), std::vector<std::string>{});
        ASSERT_LE(follower_.next(), log.events) << "a reader saw what was not durable";
        for (const std::string& tag : history_.erased())
            ASSERT_FALSE(log.tags.contains(tag)) << tag << " was erased and can be read";
        if (!views) return;
        const Finished rebuilt = run({"rebuild", "--all", "--data", server_.data().string()});
        ASSERT_EQ(rebuilt.exit_code, 0) << rebuilt.out << rebuilt.err;
    }

    const TemporaryFolder folder_;
    std::mt19937 random_;
    ServerProcess server_;
    History history_;
    Follower follower_;
    bool is_ahead_ = false;
    std::atomic<std::uint64_t> next_{1};
    int rounds_ = 0;
    int generation_ = 0;
};

TEST(Soak, NothingAcknowledgedIsLostWhateverHappens) {
    const auto seed = static_cast<std::uint32_t>(
        number_from("DECKLOG_SOAK_SEED", static_cast<std::uint64_t>(now_seconds())));
    const auto seconds = std::chrono::seconds(number_from("DECKLOG_SOAK_SECONDS", 0));
    SCOPED_TRACE("DECKLOG_SOAK_SEED=" + std::to_string(seed));
    Soak soak(seed);
    const auto incidents = Soak::incidents();
    for (const auto& incident : incidents) {
        soak.round(incident);
        if (HasFatalFailure()) return;
    }
    const auto deadline = std::chrono::steady_clock::now() + seconds;
    while (std::chrono::steady_clock::now() < deadline) {
        soak.round(incidents[soak.random()() % incidents.size()]);
        if (HasFatalFailure()) return;
    }
    soak.finish();
}

/// The soak above leaves these incidents out where it cannot bring them about.
TEST(Soak, TheClockCanBeTurned) {
    if (!Soak::can_turn_the_clock()) GTEST_SKIP() << "libfaketime is not here: no clock jumps";
}

}  // namespace decklog::e2e::soak
