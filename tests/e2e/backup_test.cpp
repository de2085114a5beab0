// A backup made beside a busy server, restored, and held against what it was made of.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/e2e/every_answer.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::backup {

namespace json = boost::json;

/// Audit actions and Telegram messages, numbered.
int send(HttpClient& client, std::uint64_t n) {
    if (n % 2 == 0) {
        return client
            .post("/api/audit",
                  json::serialize(json::object{{"id", "tag-" + std::to_string(n)},
                                               {"actorType", "worker"},
                                               {"entityType", "message"},
                                               {"entityId", "m" + std::to_string(n % 7)},
                                               {"action", "ai_reply_created"},
                                               {"details", {{"platform", "roomies"}}}}))
            .status;
    }
    const json::object message{
        {"message_id", n + 1},
        {"from", {{"id", 900 + n % 9}, {"is_bot", false}, {"first_name", "s"}}},
        {"chat", {{"id", -4000}, {"type", "group"}, {"title", "backup"}}},
        {"date", now_seconds()},
        {"text", "message " + std::to_string(n)}};
    return client
        .post("/hooks/telegram",
              json::serialize(json::object{{"update_id", 5'000'000 + n}, {"message", message}}),
              telegram_headers())
        .status;
}

json::object last_object(const std::string& lines) {
    const std::size_t end = lines.find_last_not_of('\n');
    const std::size_t begin = lines.rfind('\n', end);
    return json::parse(lines.substr(begin == std::string::npos ? 0 : begin + 1)).as_object();
}

/// Rows of a view at a position, without what names the ledger or the moment of asking.
std::string view_at(const std::string& data, const std::string& view, const std::string& position) {
    const Finished printed =
        run_decklog({"replay", "--view", view, "--at", position, "--json", "--data", data});
    EXPECT_EQ(printed.exit_code, 0) << printed.err;
    std::string kept;
    std::istringstream lines(printed.out);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("\"asOf\"") == std::string::npos) kept += line + "\n";
    }
    const auto ledger = last_object(run_decklog({"verify", "--json", "--data", data}).out);
    const std::string cursor(ledger.at("asOf").as_object().at("position").as_string());
    const std::string prefix = cursor.substr(0, cursor.find('.') + 1);
    for (std::size_t at = kept.find(prefix); at != std::string::npos; at = kept.find(prefix, at))
        kept.erase(at, prefix.size());
    return kept;
}

class Backup : public testing::Test {
  protected:
    Backup() : server_(folder_.path() / "data", hook_secrets()) {
        server_.set_variable("DECKLOG_DRAIN_SECONDS", "0");
        started_ = server_.start();
    }
    [[nodiscard]] std::string path(const char* name) const { return folder_.path() / name; }
    [[nodiscard]] std::string data() const { return server_.data(); }
    Finished back_up(const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments{"backup", path("backups/a"), "--json", "--data", data()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_decklog(arguments);
    }
    Finished restore(const std::string& into, const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments{"restore", path("backups/a"), "--json", "--data", into};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_decklog(arguments);
    }

    TemporaryFolder folder_;
    ServerProcess server_;
    bool started_ = false;
};

TEST_F(Backup, UnderLoadComesBackWithTheSameLogAndViews) {
    ASSERT_TRUE(started_) << server_.log();
    add_a_rollout({server_.url(), server_.admin_token()});
    std::atomic<bool> enough{false};
    std::atomic<std::uint64_t> next{0}, refused{0};
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([&] {
            HttpClient client(server_.url(), server_.admin_token());
            while (!enough) {
                const int status = send(client, next++);
                if (status != 200 && status != 201) ++refused;
            }
        });
    }
    while (next < 400) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const Finished made = back_up({"--vault", path("vault.copy")});
    const std::uint64_t during = next;
    while (next < during + 100) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    enough = true;
    writers.clear();
    ASSERT_EQ(made.exit_code, 0) << made.err << made.out;
    EXPECT_EQ(refused, 0U) << "writers go on";
    const json::object backup = last_object(made.out);
    const auto events = backup.at("events").to_number<std::uint64_t>();
    ASSERT_EQ(server_.stop(), 0);

    const Finished brought = restore(path("restored"), {"--vault", path("vault.copy")});
    ASSERT_EQ(brought.exit_code, 0) << brought.err << brought.out;
    const json::object restored = last_object(brought.out);
    EXPECT_EQ(restored.at("events"), backup.at("events"));
    EXPECT_EQ(restored.at("chain"), backup.at("chain"));
    EXPECT_EQ(restored.at("fromLedgerId"), backup.at("ledgerId"));
    EXPECT_NE(restored.at("ledgerId"), backup.at("ledgerId"));
    EXPECT_EQ(run_decklog({"verify", "--data", path("restored")}).exit_code, 0);
    const std::string position = "0:" + std::to_string(events - 1);
    for (const std::string& view : view_names()) {
        const std::string original = view_at(data(), view, position);
        EXPECT_FALSE(original.empty()) << view;
        EXPECT_EQ(view_at(path("restored"), view, position), original) << view;
        EXPECT_EQ(run_decklog({"rebuild", view, "--data", path("restored")}).exit_code, 0)
            << "the folded " << view << " equals a fresh fold";
    }
    // The vault came back: what was sealed opens again.
    const Finished shown = run_decklog({"events", "--json", "--type", "MessageReceived", "--limit",
                                        "1", "--data", path("restored")});
    EXPECT_NE(shown.out.find("message "), std::string::npos) << shown.out << shown.err;
}

TEST_F(Backup, ServesHeldUntilItIsAdopted) {
    ASSERT_TRUE(started_) << server_.log();
    const std::string cursor = [this] {
        const auto events = run_decklog({"events", "--json", "--limit", "1", "--data", data()});
        return std::string(last_object(events.out).at("position").as_string());
    }();
    ASSERT_EQ(back_up({"--vault", path("vault.copy")}).exit_code, 0);
    ASSERT_EQ(restore(path("restored"), {"--vault", path("vault.copy")}).exit_code, 0);
    ServerProcess second(path("restored"), hook_secrets());
    ASSERT_TRUE(second.start()) << second.log();
    // The token of the original is known here too: it is in the log, and the vault came along.
    HttpClient client(second.url(), server_.admin_token());
    const auto ready = json::parse(client.get("/ready").body).as_object();
    EXPECT_EQ(ready.at("ok"), true) << "ingest and questions work";
    EXPECT_EQ(ready.at("components").as_object().at("outbound").as_object().at("state"), "held");
    EXPECT_EQ(json::parse(client.get("/health").body).as_object().at("status"), "degraded");
    EXPECT_NE(client.get("/metrics").body.find("decklog_ledger_held 1"), std::string::npos);
    EXPECT_EQ(send(client, 2), 201);
    EXPECT_EQ(client.get("/api/events?cursor=" + cursor).status, 409);

    const Finished adopted = run_decklog({"adopt", "--data", path("restored")});
    EXPECT_EQ(adopted.exit_code, 0) << adopted.err;
    EXPECT_NE(adopted.out.find("adopted at"), std::string::npos) << adopted.out;
    EXPECT_EQ(json::parse(client.get("/health").body).as_object().at("status"), "ok");
    const Finished again = run_decklog({"adopt", "--data", path("restored")});
    EXPECT_EQ(again.exit_code, 0);
    EXPECT_NE(again.out.find("not held"), std::string::npos) << again.out;
}

TEST_F(Backup, WithoutItsVaultIsServedToReadOnly) {
    ASSERT_TRUE(started_) << server_.log();
    ASSERT_EQ(server_.stop(), 0);
    const Finished made = back_up();  // by the command itself: no server has the files
    ASSERT_EQ(made.exit_code, 0) << made.err;
    ASSERT_EQ(restore(path("restored")).exit_code, 0);
    const Finished events = run_decklog({"events", "--json", "--data", path("restored")});
    EXPECT_EQ(events.exit_code, 0) << events.err;
    EXPECT_EQ(last_object(events.out).at("type"), "LedgerForked");
}

TEST_F(Backup, NamesWhatIsWrongAndLeavesNothing) {
    ASSERT_TRUE(started_) << server_.log();
    ASSERT_EQ(back_up().exit_code, 0);
    EXPECT_EQ(back_up().exit_code, 1) << "not empty";
    const std::filesystem::path head = path("backups/a/HEAD");
    {
        std::fstream file(head, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(20);
        file.put('\x7e');
    }
    const Finished flipped = restore(path("restored"));
    EXPECT_EQ(flipped.exit_code, 1);
    EXPECT_NE(flipped.err.find("HEAD: its checksum differs"), std::string::npos) << flipped.err;
    EXPECT_FALSE(std::filesystem::exists(path("restored")));
    const Finished served = run_decklog({"verify", "--data", path("backups/a")});
    EXPECT_EQ(served.exit_code, 78) << "a backup is no data directory";
    std::filesystem::remove(path("backups/erasures"));
    EXPECT_EQ(restore(path("restored")).exit_code, 1);
}

TEST_F(Backup, IsNotRestoredWhileTheDiskIsNearlyFull) {
    ASSERT_TRUE(started_) << server_.log();
    ASSERT_EQ(back_up().exit_code, 0);
    const std::vector<std::string> command{"restore", path("backups/a"), "--data",
                                           path("restored")};
    const Finished refused = run_decklog(command, {{"DECKLOG_DISK_FREE_MIB", "16000000"}});
    EXPECT_EQ(refused.exit_code, 1) << refused.out;
    EXPECT_TRUE(refused.err.starts_with("decklog: restore: disk_low: ")) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(path("restored")));
    EXPECT_EQ(run_decklog(command, {{"DECKLOG_DISK_FREE_MIB", "much"}}).exit_code, 78);
    const Finished restored = run_decklog(command, {{"DECKLOG_DISK_FREE_MIB", "0"}});
    EXPECT_EQ(restored.exit_code, 0) << restored.err;
}

/// Does any file under `root` hold the word?
bool is_in_a_file(const std::filesystem::path& root, const std::string& word) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        if (bytes.find(word) != std::string::npos) return true;
    }
    return false;
}

TEST_F(Backup, OfYesterdayWithYesterdaysVaultLeavesTheErasedErased) {
    ASSERT_TRUE(started_) << server_.log();
    HttpClient client(server_.url(), server_.admin_token());
    ASSERT_EQ(send(client, 1), 200);  // from telegram:901
    ASSERT_EQ(send(client, 3), 200);  // from telegram:903
    ASSERT_EQ(back_up({"--vault", path("vault.copy")}).exit_code, 0);
    const Finished erased =
        run_decklog({"erase", "telegram:901", "--reason", "asked for it", "--data", data()});
    ASSERT_EQ(erased.exit_code, 0) << erased.err << erased.out;
    ASSERT_EQ(server_.stop(), 0);

    const Finished brought = restore(path("restored"), {"--vault", path("vault.copy")});
    ASSERT_EQ(brought.exit_code, 0) << brought.err << brought.out;
    const json::object counts = last_object(brought.out).at("erasures").as_object();
    EXPECT_EQ(counts.at("listed"), 1);
    EXPECT_EQ(counts.at("applied"), 1);
    const std::string events = run_decklog({"events", "--json", "--data", path("restored")}).out;
    EXPECT_EQ(events.find("message 1\""), std::string::npos) << "its key is gone again";
    EXPECT_NE(events.find("[erased]"), std::string::npos);
    EXPECT_NE(events.find("message 3"), std::string::npos) << "others are as they were";
    EXPECT_NE(events.find("SubjectErased"), std::string::npos);
    EXPECT_EQ(run_decklog({"verify", "--data", path("restored")}).exit_code, 0);
    EXPECT_FALSE(is_in_a_file(path("restored"), "message 1"));

    // What is restored once more from a backup of the restored one knows it from its log.
    std::filesystem::remove_all(path("backups/a"));
    const Finished again = run_decklog(
        {"backup", path("backups/a"), "--vault", path("vault.again"), "--data", path("restored")});
    ASSERT_EQ(again.exit_code, 0) << again.err;
    const Finished twice = restore(path("restored-again"), {"--vault", path("vault.again")});
    ASSERT_EQ(twice.exit_code, 0) << twice.err;
    EXPECT_EQ(last_object(twice.out).at("erasures").as_object().at("known"), 1);
}

TEST_F(Backup, WithoutItsVaultKnowsOfErasuresAllTheSame) {
    ASSERT_TRUE(started_) << server_.log();
    HttpClient client(server_.url(), server_.admin_token());
    ASSERT_EQ(send(client, 1), 200);
    ASSERT_EQ(back_up().exit_code, 0);
    ASSERT_EQ(run_decklog({"erase", "telegram:901", "--reason", "asked for it", "--data", data()})
                  .exit_code,
              0);
    ASSERT_EQ(server_.stop(), 0);
    const Finished brought = restore(path("restored"));
    ASSERT_EQ(brought.exit_code, 0) << brought.err << brought.out;
    EXPECT_EQ(last_object(brought.out).at("erasures").as_object().at("applied"), 1);
}

}  // namespace decklog::e2e::backup
