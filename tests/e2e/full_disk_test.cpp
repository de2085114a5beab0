// A disk that fills up under load, with the real binary on a tmpfs. Two ends: nearly full, where
// new work is refused by name and taken again by itself once there is room; and full to the last
// byte, where writing stops for good with the reason on every probe until a restart. What was
// answered is there afterwards, exactly once.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/small_disk.hpp"

namespace decklog::e2e::full_disk {

namespace json = boost::json;
using std::chrono::seconds;

constexpr std::uint64_t kMiB = 1ULL << 20U;
constexpr int kClients = 4;
constexpr seconds kPatience{60};

template <class Condition>
bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

/// Bytes that no compression makes small, so that the disk fills as fast as they come.
std::string noise(std::uint64_t n, std::size_t size) {
    static constexpr char kLetters[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    std::uint64_t state = n * 2654435761U + 1;
    std::string text(size, ' ');
    for (char& c : text) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        c = kLetters[state >> 58U];
    }
    return text;
}

std::string error_of(const HttpAnswer& answer) {
    boost::system::error_code failed;
    const json::value body = json::parse(answer.body, failed);
    if (failed || !body.is_object() || !body.get_object().contains("error")) return {};
    return std::string(body.get_object().at("error").as_string());
}

std::string state_of(HttpClient& client, const std::string& probe, const std::string& component) {
    boost::system::error_code failed;
    const json::value body = json::parse(client.get(probe).body, failed);
    if (failed) return {};
    const auto* state = body.as_object().at("components").as_object().if_contains(component);
    return state == nullptr ? std::string() : std::string(state->at("state").as_string());
}

/// Events of one service, each with an id of its own, sent by some clients until told to stop.
class Load {
  public:
    Load(const ServerProcess& server, std::size_t bytes) : server_(server), bytes_(bytes) {
        for (int i = 0; i < kClients; ++i) clients_.emplace_back([this] { run(); });
    }
    ~Load() { stop(); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    void stop() {
        stop_ = true;
        for (std::thread& client : clients_) {
            if (client.joinable()) client.join();
        }
    }
    [[nodiscard]] std::string newest_refusal() {
        const std::lock_guard lock(mutex_);
        return refusal_;
    }
    [[nodiscard]] std::string newest_message() {
        const std::lock_guard lock(mutex_);
        return message_;
    }
    [[nodiscard]] std::set<std::string> acknowledged() {
        const std::lock_guard lock(mutex_);
        return acknowledged_;
    }
    static std::string body_of(std::uint64_t n, std::size_t bytes) {
        return json::serialize(json::object{{"specversion", "1.0"},
                                            {"id", "n" + std::to_string(n)},
                                            {"source", "billing"},
                                            {"type", "invoice.sent"},
                                            {"data", {{"text", noise(n, bytes)}}}});
    }
    static HttpAnswer send(HttpClient& client, std::uint64_t n, std::size_t bytes) {
        return client.post("/api/events", body_of(n, bytes),
                           {{"Content-Type", "application/cloudevents+json"}});
    }

  private:
    void run() {
        HttpClient client(server_.url(), server_.admin_token());
        while (!stop_) {
            const std::uint64_t n = next_++;
            const HttpAnswer answer = send(client, n, bytes_);
            const std::lock_guard lock(mutex_);
            if (answer.status == 201 || answer.status == 200) {
                acknowledged_.insert("n" + std::to_string(n));
            } else {
                refusal_ = error_of(answer);
                message_ = answer.body;
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
        }
    }
    const ServerProcess& server_;
    const std::size_t bytes_;
    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> next_{1};
    std::mutex mutex_;
    std::set<std::string> acknowledged_;
    std::string refusal_, message_;
    std::vector<std::thread> clients_;
};

/// Every id of the log and how often it is there.
std::map<std::string, int> ids_in(const ServerProcess& server) {
    const Finished listed = run_decklog({"events", "--json", "--data", server.data().string()});
    EXPECT_EQ(listed.exit_code, 0) << listed.err;
    std::map<std::string, int> ids;
    std::istringstream lines(listed.out);
    for (std::string line; std::getline(lines, line);) {
        const auto event = json::parse(line).as_object();
        if (event.at("type") != "invoice.sent") continue;
        ++ids[std::string(event.at("payload").at("cloudEventId").as_string())];
    }
    return ids;
}

void expect_all_there_once(const ServerProcess& server, const std::set<std::string>& acknowledged) {
    const Finished verified = run_decklog({"verify", "--data", server.data().string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    const auto ids = ids_in(server);
    for (const std::string& id : acknowledged) EXPECT_TRUE(ids.contains(id)) << id << " is lost";
    for (const auto& [id, count] : ids) EXPECT_EQ(count, 1) << id;
}

std::map<std::string, std::string> with_disk_free_mib(const std::string& mib) {
    auto environment = hook_secrets();
    environment["DECKLOG_DISK_FREE_MIB"] = mib;
    return environment;
}

TEST(FullDisk, NearlyFullRefusesNewWorkByNameAndResumesByItself) {
    SmallDisk disk(160);
    if (!disk.why_not().empty()) GTEST_SKIP() << disk.why_not();
    ServerProcess server(disk.path(), with_disk_free_mib("48"));
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient client(server.url(), server.admin_token());
    const HttpAnswer made = client.post("/api/tokens", R"({"role":"viewer","name":"leaked"})");
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string token(json::parse(made.body).at("id").as_string());
    ASSERT_EQ(Load::send(client, 0, 100).status, 201);

    Load load(server, 300);
    ASSERT_TRUE(eventually([&] { return load.acknowledged().size() > 20; }));
    disk.leave_free(40 * kMiB);
    ASSERT_TRUE(eventually([&] { return load.newest_refusal() == "disk_low"; }))
        << load.newest_message();
    EXPECT_EQ(client.get("/ready?for=ingest").status, 503);
    EXPECT_EQ(state_of(client, "/ready", "ledger"), "disk_low");
    EXPECT_EQ(client.get("/health").status, 200);  // a restart would cure nothing
    EXPECT_EQ(client.get("/live").status, 200);
    // Questions, repeats, and what ends a danger go on.
    EXPECT_EQ(client.get("/api/events?limit=1").status, 200);
    EXPECT_EQ(Load::send(client, 0, 100).status, 201);
    const HttpAnswer revoked = client.del("/api/tokens/" + token);
    EXPECT_EQ(revoked.status, 200) << revoked.body;

    disk.give_back();
    ASSERT_TRUE(eventually([&] { return client.get("/ready?for=ingest").status == 200; }));
    const std::size_t before = load.acknowledged().size();
    ASSERT_TRUE(eventually([&] { return load.acknowledged().size() > before + 20; }));
    load.stop();
    EXPECT_EQ(server.stop(), 0) << server.log();
    expect_all_there_once(server, load.acknowledged());
}

/// The probes of a process whose writing has stopped; false when it ended meanwhile.
bool says_why(HttpClient& client) {
    const HttpAnswer ready = client.get("/ready?for=ingest");
    const HttpAnswer health = client.get("/health");
    const HttpAnswer live = client.get("/live");
    const HttpAnswer question = client.get("/api/events?limit=1");
    if (question.status == 0) return false;
    EXPECT_EQ(ready.status, 503);
    EXPECT_NE(ready.body.find(R"("state":"disk_full")"), std::string::npos) << ready.body;
    EXPECT_EQ(health.status, 503);
    EXPECT_EQ(live.status, 503);  // a restart may cure it
    EXPECT_EQ(question.status, 200);
    return true;
}

TEST(FullDisk, FullToTheLastByteStopsWritingWithItsReasonUntilARestart) {
    constexpr std::size_t kEventBytes = 200'000;
    SmallDisk disk(160);
    if (!disk.why_not().empty()) GTEST_SKIP() << disk.why_not();
    ServerProcess server(disk.path(), with_disk_free_mib("0"));
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient client(server.url(), server.admin_token());
    Load load(server, kEventBytes);
    ASSERT_TRUE(eventually([&] { return load.acknowledged().size() > 10; }));
    // Debian's RocksDB has its assertions on and may end the process when a table of its background
    // work finds no room: that serves nothing either, and the next start gives the reason.
    bool is_gone = false;
    ASSERT_TRUE(eventually([&] {
        disk.leave_free(0);
        is_gone = client.get("/live").status == 0;
        return is_gone || load.newest_message().find("disk is full") != std::string::npos;
    })) << load.newest_message()
        << server.log();
    is_gone = is_gone || !says_why(client);
    load.stop();
    const std::size_t failed_at = load.acknowledged().size();

    if (is_gone) {
        server.kill_hard();
        disk.leave_free(0);
        EXPECT_FALSE(server.start());
        EXPECT_NE(server.log().find("a start needs"), std::string::npos) << server.log();
        disk.give_back();
    } else {
        EXPECT_NE(server.log().find("No space left on device"), std::string::npos);
        // Room again does not bring this process back, a restart does.
        disk.give_back();
        EXPECT_EQ(Load::send(client, 1'000'000, 100).status, 503);
        server.kill_hard();
    }
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient again(server.url(), server.admin_token());
    EXPECT_EQ(Load::send(again, 1'000'001, 100).status, 201);
    EXPECT_TRUE(eventually([&] { return again.get("/ready").status == 200; }));
    EXPECT_EQ(server.stop(), 0) << server.log();
    EXPECT_GT(failed_at, 0U);
    expect_all_there_once(server, load.acknowledged());
    const std::vector<std::string> rebuild{"rebuild", "--all", "--data", server.data().string()};
    const Finished refused = run_decklog(rebuild);  // under the rule that holds without a word
    EXPECT_EQ(refused.exit_code, 1) << refused.out;
    EXPECT_TRUE(refused.err.starts_with("decklog: disk_low: ")) << refused.err;
    const Finished rebuilt = run_decklog(rebuild, with_disk_free_mib("0"));
    EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.out << rebuilt.err;
}

TEST(FullDisk, AStartWithoutRoomSaysSoAndALaterOneWorks) {
    SmallDisk disk(160);
    if (!disk.why_not().empty()) GTEST_SKIP() << disk.why_not();
    const auto data = disk.path();
    ServerProcess server(data, with_disk_free_mib("0"));
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient client(server.url(), server.admin_token());
    ASSERT_EQ(Load::send(client, 1, 1'000).status, 201);
    server.kill_hard();
    disk.leave_free(0);
    EXPECT_FALSE(server.start());
    EXPECT_NE(server.log().find("No space left on device"), std::string::npos) << server.log();
    disk.give_back();
    ASSERT_TRUE(server.start()) << server.log();
    EXPECT_EQ(server.stop(), 0);
    expect_all_there_once(server, {"n1"});
}

}  // namespace decklog::e2e::full_disk
