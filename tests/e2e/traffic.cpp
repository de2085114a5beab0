#include "tests/e2e/traffic.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kServerIsGone{20};

bool is_taken(int status) { return status == 200 || status == 201; }

HttpAnswer send_once(HttpClient& client, const Sent& sent) {
    switch (sent.kind) {
        case 0:
            return client.post(sent.target, sent.body, telegram_headers());
        case 1:
            return client.post(sent.target, sent.body, whatsapp_headers(sent.body));
        case 2:
            return client.post(sent.target, sent.body, slack_headers(sent.body, now_seconds()));
        default:
            return client.post(sent.target, sent.body);
    }
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

}  // namespace

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

void History::add_sent(const Sent& sent) {
    const std::lock_guard lock(mutex_);
    sent_.push_back(sent);
}
void History::add_acknowledged(const std::string& tag) {
    const std::lock_guard lock(mutex_);
    acknowledged_.insert(tag);
}
void History::forget_acknowledged_except(const std::set<std::string>& kept) {
    const std::lock_guard lock(mutex_);
    std::erase_if(acknowledged_, [&kept](const auto& tag) { return !kept.contains(tag); });
}
std::vector<Sent> History::sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
}
std::set<std::string> History::acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
}

Load::Load(const Door& door, History& history, std::atomic<std::uint64_t>& next, int clients) {
    for (int i = 0; i < clients; ++i) {
        clients_.emplace_back([this, door, &history, &next] {
            HttpClient client(door.url, door.token);
            while (!stop_) {
                const Sent request = make_request(next++);
                history.add_sent(request);
                const int status = send_once(client, request).status;
                if (is_taken(status)) history.add_acknowledged(request.tag);
                if (status == 0) std::this_thread::sleep_for(kServerIsGone);
            }
        });
    }
}

void Load::finish() {
    stop_ = true;
    for (std::thread& client : clients_) client.join();
    clients_.clear();
}

std::vector<std::string> redeliver(const Door& door, const std::vector<Sent>& all, int clients) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::vector<std::string> refused;
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i) {
        threads.emplace_back([&] {
            HttpClient client(door.url, door.token);
            for (std::size_t at = next++; at < all.size(); at = next++) {
                const HttpAnswer answer = send_once(client, all[at]);
                if (is_taken(answer.status)) continue;
                const std::lock_guard lock(mutex);
                refused.push_back(all[at].tag + ": " + std::to_string(answer.status) + " " +
                                  answer.body);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    return refused;
}

LogSeen read_log(const std::vector<std::string>& where) {
    std::vector<std::string> arguments{"events", "--json"};
    arguments.insert(arguments.end(), where.begin(), where.end());
    const Finished finished = run_decklog(arguments);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    LogSeen log;
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

std::vector<std::string> broken_promises(const LogSeen& log,
                                         const std::set<std::string>& acknowledged) {
    std::vector<std::string> broken;
    if (!log.dense_positions) broken.emplace_back("positions are not dense");
    if (!log.dense_versions) broken.emplace_back("stream versions are not dense");
    for (const std::string& tag : acknowledged) {
        if (!log.tags.contains(tag)) broken.push_back(tag + " was acknowledged and is lost");
    }
    for (const auto& [tag, count] : log.tags) {
        if (count != 1) broken.push_back(tag + " is there " + std::to_string(count) + " times");
    }
    return broken;
}

}  // namespace decklog::e2e
