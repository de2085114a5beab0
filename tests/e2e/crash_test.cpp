// kill -9 at random points under load. What was answered 200 or 201 is in the log exactly once,
// what was not is there at most once and whole; positions and versions are dense; the chain
// verifies; the views equal a fresh fold; and sending all of it again adds nothing.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::crash {

namespace json = boost::json;

constexpr int kClients = 8;
constexpr int kRounds = 50;
constexpr int kSoakRounds = 500;

/// One request, with the tag that its event will carry; kept so that it can be sent again.
struct Sent {
    std::string tag;
    std::string target;
    std::string body;
    int kind = 0;
};

Sent make_request(std::uint64_t n) {
    const std::string tag = "tag-" + std::to_string(n);
    Sent sent{tag, {}, {}, static_cast<int>(n % 4)};
    const std::int64_t now = now_seconds();
    switch (sent.kind) {
        case 0:
            sent.target = "/hooks/telegram";
            sent.body = json::serialize(json::object{
                {"update_id", 1'000'000 + n},
                {"message",
                 {{"message_id", n + 1},
                  {"from", {{"id", 700 + n % 5}, {"is_bot", false}, {"first_name", "sample"}}},
                  {"chat",
                   {{"id", -4000 - static_cast<std::int64_t>(n % 3)},
                    {"type", "group"},
                    {"title", "crash"}}},
                  {"date", now},
                  {"text", tag}}}});
            break;
        case 1: {
            sent.target = "/hooks/whatsapp";
            json::object message{{"from", "1555020" + std::to_string(1000 + n % 5)},
                                 {"id", "wamid.C" + std::to_string(n)},
                                 {"timestamp", std::to_string(now)},
                                 {"type", "text"},
                                 {"text", {{"body", tag}}}};
            json::object value{{"messaging_product", "whatsapp"},
                               {"metadata", {{"phone_number_id", "1"}}},
                               {"messages", json::array{std::move(message)}}};
            json::object change{{"field", "messages"}, {"value", std::move(value)}};
            json::object entry{{"id", "1"}, {"changes", json::array{std::move(change)}}};
            sent.body = json::serialize(json::object{{"object", "whatsapp_business_account"},
                                                     {"entry", json::array{std::move(entry)}}});
            break;
        }
        case 2:
            sent.target = "/hooks/slack";
            sent.body = json::serialize(
                json::object{{"type", "event_callback"},
                             {"team_id", "T1"},
                             {"api_app_id", "A1"},
                             {"event_id", "Ev" + std::to_string(n)},
                             {"event_time", now},
                             {"event",
                              {{"type", "message"},
                               {"user", "U1"},
                               {"text", tag},
                               {"ts", std::to_string(now) + "." + std::to_string(100000 + n)},
                               {"channel", "C1"}}}});
            break;
        default:
            sent.target = "/api/audit";
            sent.body = json::serialize(json::object{{"id", tag},
                                                     {"actorType", "worker"},
                                                     {"entityType", "message"},
                                                     {"entityId", "m" + std::to_string(n % 7)},
                                                     {"action", "ai_reply_created"},
                                                     {"details", {{"platform", "roomies"}}}});
    }
    return sent;
}

int send(HttpClient& client, const Sent& sent) {
    switch (sent.kind) {
        case 0:
            return client.post(sent.target, sent.body, telegram_headers()).status;
        case 1:
            return client.post(sent.target, sent.body, whatsapp_headers(sent.body)).status;
        case 2:
            return client.post(sent.target, sent.body, slack_headers(sent.body, now_seconds()))
                .status;
        default:
            return client.post(sent.target, sent.body).status;
    }
}

/// What the clients did, over all rounds.
struct History {
    std::mutex mutex;
    std::vector<Sent> sent;
    std::set<std::string> acknowledged;
};

void load(const ServerProcess& server, History& history, std::atomic<std::uint64_t>& next,
          const std::atomic<bool>& stop) {
    HttpClient client(server.url(), server.admin_token());
    while (!stop) {
        Sent request = make_request(next++);
        {
            const std::lock_guard lock(history.mutex);
            history.sent.push_back(request);
        }
        const int status = send(client, request);
        if (status == 200 || status == 201) {
            const std::lock_guard lock(history.mutex);
            history.acknowledged.insert(request.tag);
        }
    }
}

/// Sends everything again, over as many connections as before; each must be taken.
void redeliver(const ServerProcess& server, const std::vector<Sent>& all) {
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < kClients; ++i) {
        clients.emplace_back([&] {
            HttpClient client(server.url(), server.admin_token());
            for (std::size_t at = next++; at < all.size(); at = next++) {
                const int status = send(client, all[at]);
                EXPECT_TRUE(status == 200 || status == 201)
                    << all[at].tag << " was answered " << status;
            }
        });
    }
    for (std::thread& client : clients) client.join();
}

/// Tag of an event: the audit action's id, or the message's text.
std::string tag_of(const json::object& event) {
    const auto& payload = event.at("payload").as_object();
    if (const auto* id = payload.if_contains("id"); id != nullptr && id->is_string())
        return std::string(id->get_string());
    if (const auto* personal = event.if_contains("personal");
        personal != nullptr && personal->is_object()) {
        if (const auto* text = personal->get_object().if_contains("text");
            text != nullptr && text->is_string()) {
            return std::string(text->get_string());
        }
    }
    return {};
}

struct Log {
    std::map<std::string, int> tags;
    std::uint64_t events = 0;
    bool dense_positions = true;
    bool dense_versions = true;
};

Log read_log(const std::vector<std::string>& where) {
    std::vector<std::string> arguments{"events", "--json"};
    arguments.insert(arguments.end(), where.begin(), where.end());
    const Finished finished = run_decklog(arguments);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    Log log;
    std::map<std::string, std::uint64_t> versions;
    std::istringstream lines(finished.out);
    for (std::string line; std::getline(lines, line);) {
        const auto event = json::parse(line).as_object();
        const std::string position(event.at("position").as_string());
        log.dense_positions = log.dense_positions && position.substr(position.rfind(':') + 1) ==
                                                         std::to_string(log.events);
        ++log.events;
        auto& version = versions[std::string(event.at("workspace").as_string()) + "/" +
                                 std::string(event.at("stream").as_string())];
        log.dense_versions =
            log.dense_versions && event.at("streamVersion").to_number<std::uint64_t>() == ++version;
        if (const std::string tag = tag_of(event); tag.starts_with("tag-")) ++log.tags[tag];
    }
    return log;
}

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
        std::atomic<bool> stop{false};
        std::vector<std::thread> clients;
        for (int i = 0; i < kClients; ++i)
            clients.emplace_back([&] { load(server, history, next, stop); });
        std::this_thread::sleep_for(std::chrono::milliseconds(30 + random() % 300));
        server.kill_hard();
        stop = true;
        for (std::thread& client : clients) client.join();
    }

    const std::vector<std::string> files{"--data", data.string()};
    const Finished verified = run_decklog({"verify", "--data", data.string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    const Log log = read_log(files);
    EXPECT_TRUE(log.dense_positions);
    EXPECT_TRUE(log.dense_versions);
    for (const std::string& tag : history.acknowledged) {
        const auto found = log.tags.find(tag);
        ASSERT_TRUE(found != log.tags.end()) << tag << " was acknowledged and is lost";
    }
    for (const auto& [tag, count] : log.tags) EXPECT_EQ(count, 1) << tag;
    EXPECT_GT(history.acknowledged.size(), static_cast<std::size_t>(rounds))
        << "too little load to mean anything";
    const Finished rebuilt = run_decklog({"rebuild", "--all", "--data", data.string()});
    EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.out << rebuilt.err;

    // Redelivery: what is there is recognised, what was lost unacknowledged comes in now.
    ASSERT_TRUE(server.start()) << server.log();
    redeliver(server, history.sent);
    const Log again = read_log(files);
    EXPECT_EQ(again.tags.size(), history.sent.size());
    for (const auto& [tag, count] : again.tags) EXPECT_EQ(count, 1) << tag;
    EXPECT_EQ(server.stop(), 0) << server.log();
    std::printf("[ rounds   ] %d kills, %zu sent, %zu acknowledged, %llu events\n", rounds,
                history.sent.size(), history.acknowledged.size(),
                static_cast<unsigned long long>(again.events));
}

}  // namespace decklog::e2e::crash
