#include "tests/e2e/release_recorder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "domain/ledger/level.hpp"
#include "store/clock.hpp"
#include "store/directory/directory.hpp"
#include "store/frame/frame.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/release_traffic.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::releases {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kViews[] = {"audit", "rooms", "baselines", "platforms", "rollouts"};
constexpr const char* kErased = "whatsapp:15550101001";  // one of those in release_traffic
constexpr std::int64_t kMinute = 60'000'000;

/// So many microseconds behind the system's.
class LateClock final : public store::Clock {
  public:
    explicit LateClock(std::int64_t behind_us) : behind_us_(behind_us) {}
    [[nodiscard]] std::int64_t now_us() const override {
        return store::system_clock().now_us() - behind_us_;
    }
    [[nodiscard]] std::int64_t boot_us() const override { return store::system_clock().boot_us(); }

  private:
    const std::int64_t behind_us_;
};

store::LedgerOptions anywhere() {
    store::LedgerOptions options;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    return options;
}

domain::RaiseLevel to_level_one(const store::Clock& clock) {
    domain::RaiseLevel command;
    command.level = 1;
    command.known_level = 1;
    command.stream = "ledger/0";
    command.actor = {"operator", "sample"};
    command.recorded_by = "cli";
    command.now_us = clock.now_us();
    return command;
}

/// What a server writes only about a past that it cannot be given from outside: a log that began
/// below this release's level, and a clock that was found behind it and let in.
void begin_with_a_past(const fs::path& data) {
    auto directory = store::Directory::open(data, std::chrono::milliseconds(0));
    ASSERT_TRUE(directory) << directory.error().context;
    const auto vault = store::open_rocks_vault(data, false, nullptr);
    ASSERT_TRUE(vault) << vault.error().context;
    LateClock began(10 * kMinute), found_behind(15 * kMinute);
    store::LedgerOptions options = anywhere();
    options.new_log_level = 0;
    options.clock = &began;
    {
        auto ledger = store::open_rocks_ledger(data, options);
        ASSERT_TRUE(ledger) << ledger.error().context;
        std::vector<store::Submission> raise(1);
        raise.front().intent = domain::raise_level(to_level_one(began));
        ASSERT_TRUE(store::submit_and_wait(**ledger, 0, std::move(raise)).front());
    }
    options.clock = &found_behind;
    options.accept_clock = true;
    auto ledger = store::open_rocks_ledger(data, options);
    ASSERT_TRUE(ledger) << ledger.error().context;
}

void send_traffic(HttpClient& client) {
    std::string token;
    for (const Sent& sent : release_traffic()) {
        const HttpAnswer answer = send(client, sent);
        ASSERT_TRUE(answer.status == 200 || answer.status == 201)
            << answer.status << " " << sent.body << "\n"
            << answer.body;
        if (sent.door == Door::tokens)
            token = std::string(json::parse(answer.body).at("id").as_string());
    }
    ASSERT_EQ(client.del("/api/tokens/" + token).status, 200);
    ASSERT_EQ(client.del("/api/tokens/" + token).status, 200);  // changes nothing: noted
}

void must(const std::vector<std::string>& words) {
    const Finished finished = run_decklog(words);
    ASSERT_EQ(finished.exit_code, 0) << words.front() << ": " << finished.out << finished.err;
}

/// Somebody reads what is sealed, somebody is erased, and all of it goes on from a backup.
void keep_house(const fs::path& data, const fs::path& folder) {
    const std::string opened = folder / "opened.ndjson", backup = folder / "backup",
                      vault = folder / "vault-copy", restored = folder / "restored",
                      moved = folder / "moved";
    must({"export", opened, "--personal", "--type", "MessageReceived", "--data", data});
    must({"erase", kErased, "--reason", "asked for it", "--data", data});
    must({"copy", "--data", data, "--to", moved});
    must({"copy", "--data", data, "--take-back"});
    must({"backup", backup, "--vault", vault, "--data", data});
    must({"restore", backup, "--vault", vault, "--data", restored});
    must({"adopt", "--data", restored});
    if (testing::Test::HasFatalFailure()) return;
    fs::copy_file(data / "admin-token", fs::path(restored) / "admin-token",
                  fs::copy_options::overwrite_existing);
    fs::remove_all(data);
    fs::rename(restored, data);
    fs::remove(data / "backups");  // names a place that is gone in a moment
    for (const std::string& left : {opened, backup, vault, moved}) fs::remove_all(left);
}

/// Some of it in tables, some in a write-ahead log that a killed process left.
void record_data(const fs::path& data, const fs::path& folder) {
    begin_with_a_past(data);
    if (testing::Test::HasFatalFailure()) return;
    ServerProcess server(data, hook_secrets());
    ASSERT_TRUE(server.start()) << server.log();
    {
        HttpClient client(server.url(), server.admin_token());
        send_traffic(client);
    }
    ASSERT_EQ(server.stop(), 0) << server.log();
    keep_house(data, folder);
    if (testing::Test::HasFatalFailure()) return;
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient client(server.url(), server.admin_token());
    ASSERT_EQ(client
                  .post("/api/audit", R"({"id":"last","actorType":"worker","entityType":"message",
"entityId":"m-2","action":"ai_reply_created","createdAt":"2025-11-24T16:00:09Z","details":{"platform":"roomies"}})")
                  .status,
              201);
    server.kill_hard();
}

void forget_this_machine(const fs::path& data) {
    fs::remove(data / "server.json");
    for (const char* database : {"ledger", "vault", "views"}) {
        for (const char* diary : {"LOG", "LOCK"}) fs::remove(data / database / diary);
        for (const auto& entry : fs::directory_iterator(data / database)) {
            if (entry.path().filename().string().starts_with("LOG.old")) fs::remove(entry.path());
        }
    }
}

void record_answers(const fs::path& data, const fs::path& expected) {
    for (const auto& [file, arguments] : questions(data)) {
        const Finished finished = run_decklog(arguments);
        ASSERT_EQ(finished.exit_code, 0) << finished.err;
        std::ofstream(expected / file, std::ios::binary) << finished.out;
    }
    std::ofstream(expected / "raw.ndjson", std::ios::binary) << raw_bodies(data);
    const Finished verified = run_decklog({"verify", "--json", "--data", data.string()});
    ASSERT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    const auto last = lines_of(verified.out).back();
    std::ofstream(expected / "chain") << std::string(last.at("chain").as_string()) << "\n";
}

json::object line_of(const domain::EventView& event, const domain::Bytes& body) {
    return {{"ordinal", event.position().ordinal}, {"body", std::string(body.begin(), body.end())}};
}

}  // namespace

void record(const fs::path& folder) {
    const fs::path data = folder / "data";
    record_data(data, folder);
    if (testing::Test::HasFatalFailure()) return;
    forget_this_machine(data);
    fs::create_directories(folder / "expected");
    const fs::path copy = folder / "copy";
    fs::copy(data, copy, fs::copy_options::recursive);
    record_answers(copy, folder / "expected");
    fs::remove_all(copy);
}

std::vector<std::pair<std::string, std::vector<std::string>>> questions(const fs::path& data) {
    std::vector<std::pair<std::string, std::vector<std::string>>> all;
    all.emplace_back("events.ndjson",
                     std::vector<std::string>{"events", "--json", "--data", data.string()});
    for (const std::string view : kViews) {
        all.emplace_back(
            "view-" + view + ".ndjson",
            std::vector<std::string>{"replay", "--view", view, "--json", "--data", data.string()});
    }
    return all;
}

std::string raw_bodies(const fs::path& data) {
    const auto vault = store::open_rocks_vault(data, true, nullptr);
    EXPECT_TRUE(vault);
    store::LedgerOptions options = anywhere();
    options.read_only = true;
    const auto ledger = store::open_rocks_ledger(data, options);
    EXPECT_TRUE(ledger);
    if (!vault || !ledger) return {};
    std::string lines;
    EXPECT_TRUE((*ledger)->read({0, 0}, [&](const store::FramePtr& frame) {
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const auto event = frame->event(i);
            if (!event.raw()) continue;
            const auto sealed = (*ledger)->raw_body(*event.raw());
            if (!sealed) continue;  // erased
            const auto body = (*vault)->open_raw(*sealed);
            const auto* plain = body ? std::get_if<domain::Bytes>(&*body) : nullptr;
            EXPECT_NE(plain, nullptr) << "the raw body of event " << event.position().ordinal;
            if (plain != nullptr) lines += json::serialize(line_of(event, *plain)) + "\n";
        }
        return true;
    }));
    return lines;
}

std::vector<json::value> lines_of(const std::string& text) {
    std::vector<json::value> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
    return lines;
}

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace decklog::e2e::releases
