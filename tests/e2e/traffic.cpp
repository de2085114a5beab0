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
constexpr std::chrono::milliseconds kAfterRefusal{20};
constexpr int kUnavailable = 503;

bool is_taken(int status) { return status == 200 || status == 201; }

std::string error_of(const HttpAnswer& answer) {
    boost::system::error_code error;
    const auto body = json::parse(answer.body, error);
    const auto* object = error ? nullptr : body.if_object();
    const auto* code = object == nullptr ? nullptr : object->if_contains("error");
    return code != nullptr && code->is_string() ? std::string(code->get_string()) : std::string();
}

/// The tag in a text; empty: none.
std::string tag_in(const json::value* text) {
    if (text == nullptr || !text->is_string()) return {};
    const std::string_view all = text->get_string();
    const auto begin = all.find("tag-");
    if (begin == std::string_view::npos) return {};
    const auto end = all.find_first_not_of("tag-0123456789", begin);
    return std::string(all.substr(begin, end - begin));
}

/// Tag of an event: the id of an audit action or a CloudEvent, or in the message's text.
std::string tag_of(const json::object& event) {
    const auto& payload = event.at("payload").as_object();
    for (const char* id : {"id", "cloudEventId"}) {
        if (std::string tag = tag_in(payload.if_contains(id)); !tag.empty()) return tag;
    }
    const auto* personal = event.if_contains("personal");
    if (personal == nullptr || !personal->is_object()) return {};
    return tag_in(personal->get_object().if_contains("text"));
}

}  // namespace

void History::add_sent(const Sent& sent) {
    const std::lock_guard lock(mutex_);
    sent_.push_back(sent);
}
void History::add_acknowledged(const Sent& sent) {
    const std::lock_guard lock(mutex_);
    acknowledged_.insert(sent.tags.begin(), sent.tags.end());
    if (!sent.stranger.empty()) strangers_.emplace(sent.tags.front(), sent.stranger);
}
void History::add_refused(const std::string& code) {
    const std::lock_guard lock(mutex_);
    ++refused_[code];
}
void History::forget_acknowledged_except(const std::set<std::string>& kept) {
    const std::lock_guard lock(mutex_);
    std::erase_if(acknowledged_, [&kept](const auto& tag) { return !kept.contains(tag); });
    std::erase_if(strangers_, [&kept](const auto& each) { return !kept.contains(each.first); });
}
std::optional<std::string> History::take_a_stranger() {
    const std::lock_guard lock(mutex_);
    if (strangers_.empty()) return std::nullopt;
    auto taken = strangers_.extract(strangers_.begin());
    acknowledged_.erase(taken.key());
    erased_.insert(taken.key());
    return std::move(taken.mapped());
}
std::vector<Sent> History::sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
}
std::set<std::string> History::acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
}
std::set<std::string> History::erased() const {
    const std::lock_guard lock(mutex_);
    return erased_;
}
std::size_t History::count_acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_.size();
}
std::map<std::string, int> History::refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
}

Load::Load(const Door& door, History& history, std::atomic<std::uint64_t>& next, int clients) {
    for (int i = 0; i < clients; ++i) {
        clients_.emplace_back([this, door, &history, &next] {
            HttpClient client(door.url, door.token);
            while (!stop_) {
                const Sent request = make_request(next++);
                history.add_sent(request);
                const HttpAnswer answer = send_once(client, request);
                if (is_taken(answer.status)) {
                    history.add_acknowledged(request);
                } else if (answer.status != 0) {
                    history.add_refused(error_of(answer));
                    // All that was sent is sent again: who is cut off refuses thousands a second.
                    if (answer.status == kUnavailable) std::this_thread::sleep_for(kAfterRefusal);
                } else {
                    std::this_thread::sleep_for(kServerIsGone);
                }
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
                refused.push_back(all[at].tags.front() + ": " + std::to_string(answer.status) +
                                  " " + answer.body);
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
    std::map<std::string, std::uint64_t> next;  // ordinal of each partition
    std::istringstream lines(finished.out);
    for (std::string line; std::getline(lines, line);) {
        const auto event = json::parse(line).as_object();
        const std::string position(event.at("position").as_string());
        const auto colon = position.rfind(':');
        log.dense_positions =
            log.dense_positions &&
            position.substr(colon + 1) == std::to_string(next[position.substr(0, colon)]++);
        ++log.events;
        auto& version = versions[std::string(event.at("workspace").as_string()) + "/" +
                                 std::string(event.at("stream").as_string())];
        log.dense_versions =
            log.dense_versions && event.at("streamVersion").to_number<std::uint64_t>() == ++version;
        if (const std::string tag = tag_of(event); !tag.empty()) ++log.tags[tag];
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
