#include "tests/e2e/every_answer.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <vector>

#include "projections/view.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/shell.hpp"
#include "tests/e2e/sse_client.hpp"

namespace decklog::e2e {
namespace every_answer_of {

namespace json = boost::json;

using Texts = std::vector<std::string>;

constexpr const char* kRollout = "r-77";
constexpr const char* kRun = "run-77";
constexpr int kStreamWaitMs = 5'000;

json::object asked(HttpClient& admin, const std::string& target) {
    const HttpAnswer answer = admin.get(target);
    EXPECT_EQ(answer.status, 200) << target << " " << answer.body;
    boost::system::error_code error;
    auto value = json::parse(answer.body, error);
    return !error && value.is_object() ? value.as_object() : json::object{};
}

/// `member` of every item of a list, each once.
Texts listed(HttpClient& admin, const std::string& list, const char* member) {
    const auto page = asked(admin, list + "?limit=1000");
    std::set<std::string> names;
    for (const auto& item : page.at("items").as_array())
        names.insert(std::string(item.at(member).as_string()));
    EXPECT_FALSE(names.empty()) << list;
    EXPECT_TRUE(page.at("next").is_null()) << "more of them than a page";
    return {names.begin(), names.end()};
}

/// What stands in the braces of a path.
Texts fillings(HttpClient& admin, const std::string& path) {
    if (path.starts_with("/api/rooms/")) return listed(admin, "/api/rooms", "id");
    if (path.starts_with("/api/streams/")) return listed(admin, "/api/events", "stream");
    if (path.starts_with("/api/views/")) return view_names();
    if (path.starts_with("/api/rollouts/")) return {kRollout};
    if (path.starts_with("/hooks/")) return {"default"};
    ADD_FAILURE() << "nobody asks " << path;
    return {};
}

/// One path may be asked in several ways.
Texts queries(const std::string& path) {
    if (path == "/api/audit")
        return {"?by=action", "?by=agent", "?by=conversation", "?by=platform"};
    if (path == "/api/admin/export") return {"", "?personal=true"};
    if (path == "/api/events" || path == "/api/streams/{stream}" || path == "/api/rooms")
        return {"?limit=1000"};
    if (path == "/api/rollouts/{id}/cohort") return {"?unit=u-77"};
    if (path.starts_with("/hooks/whatsapp"))
        return {"?hub.mode=subscribe&hub.challenge=77&hub.verify_token=" +
                hook_secrets().at("WHATSAPP_VERIFY_TOKEN")};
    return {""};
}

std::string filled(std::string path, const std::string& filling) {
    path = with(std::move(path), "{run}", kRun);
    const auto open = path.find('{');
    if (open == std::string::npos) return path;
    return path.replace(open, path.find('}') + 1 - open, filling);
}

std::string answers_of(HttpClient& admin, const std::string& path) {
    std::string answers;
    for (const std::string& filling :
         path.find('{') == std::string::npos ? Texts{""} : fillings(admin, path)) {
        for (const std::string& query : queries(path)) {
            const std::string target = filled(path, filling) + query;
            const HttpAnswer answer = admin.get(target);
            EXPECT_EQ(answer.status, 200) << target << " " << answer.body;
            answers += answer.body + "\n";
        }
    }
    return answers;
}

std::string live_stream(const Door& server, HttpClient& admin) {
    const auto newest = asked(admin, "/api/events?limit=1&order=desc");
    const std::string position(newest.at("items").at(0).at("position").as_string());
    const std::uint64_t end = std::stoull(position.substr(position.find(':') + 1));
    const std::string port = server.url.substr(server.url.rfind(':') + 1);
    SseClient stream(static_cast<std::uint16_t>(std::stoi(port)), server.token, "?from=0:0");
    stream.keep_text();
    EXPECT_EQ(stream.connect(), 200);
    bool goes_on = true;
    while (goes_on && (stream.seen().empty() || stream.seen().back() < end))
        goes_on = stream.read(64 * 1024, kStreamWaitMs);
    EXPECT_TRUE(goes_on) << "the stream ended before " << position;
    return stream.kept_text();
}

}  // namespace every_answer_of

std::vector<std::string> view_names() {
    std::vector<std::string> names;
    for (const projections::View* view : projections::all_views()) names.emplace_back(view->name());
    return names;
}

void add_a_rollout(const Door& server) {
    namespace json = boost::json;
    HttpClient admin(server.url, server.token);
    const json::object rollout{{"id", every_answer_of::kRollout},
                               {"service", "lease-api"},
                               {"release", "v2"},
                               {"baselineRelease", "v1"},
                               {"policy",
                                "[[streams]]\naction = \"ai_reply_error\"\n"
                                "attempts = [\"ai_reply_created\"]\n"}};
    const HttpAnswer made = admin.post("/api/rollouts", json::serialize(rollout));
    EXPECT_EQ(made.status, 201) << made.body;
    const json::object command{
        {"run", every_answer_of::kRun},        {"number", 1},
        {"words", {"kubectl", "get", "pods"}}, {"exitCode", 0},
        {"startedAt", "2026-05-12T10:00:00Z"}, {"endedAt", "2026-05-12T10:00:01Z"}};
    const HttpAnswer ran =
        admin.post(std::string("/api/rollouts/") + every_answer_of::kRollout + "/commands",
                   json::serialize(command));
    EXPECT_EQ(ran.status, 201) << ran.body;
}

std::map<std::string, std::string> every_answer(const Door& server) {
    HttpClient admin(server.url, server.token);
    std::map<std::string, std::string> answers;
    const auto description = every_answer_of::asked(admin, "/api/openapi.json");
    for (const auto& path : description.at("paths").as_object()) {
        if (!path.value().as_object().contains("get")) continue;
        const std::string name(path.key());
        answers[name] = name == "/api/events/live" ? every_answer_of::live_stream(server, admin)
                                                   : every_answer_of::answers_of(admin, name);
    }
    return answers;
}

}  // namespace decklog::e2e
