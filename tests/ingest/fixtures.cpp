#include "tests/ingest/fixtures.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace decklog::ingest::fixtures {
namespace {

namespace json = boost::json;

std::filesystem::path root() { return DECKLOG_FIXTURES_DIR; }

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

json::value parsed(const std::filesystem::path& path) { return json::parse(file(path.string())); }

std::string encoded(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

void add_telegram(std::vector<Fixture>& all) {
    std::int64_t update_id = 700'000'000;
    for (const auto& path : files_in(root() / "telegram/updates")) {
        json::value update = parsed(path);
        update.as_object()["update_id"] = update_id++;
        all.push_back({Platform::telegram, path.filename().string(), json::serialize(update)});
    }
}

void add_whatsapp(std::vector<Fixture>& all) {
    int number = 0;
    for (const auto& path : files_in(root() / "whatsapp/webhooks")) {
        json::value body = parsed(path);
        auto& value = body.at("entry").at(0).at("changes").at(0).at("value").as_object();
        if (auto* messages = value.if_contains("messages")) {
            for (auto& message : messages->as_array())
                message.as_object()["id"] = "wamid.OWN" + std::to_string(number++);
        }
        all.push_back({Platform::whatsapp, path.filename().string(), json::serialize(body)});
    }
}

/// A payload is an object with `type` or `command`, except modal contexts.
bool is_payload(std::string_view key, const json::value& value) {
    const auto* object = value.if_object();
    return object != nullptr && key.find("odalContext") == std::string_view::npos &&
           (object->contains("type") || object->contains("command"));
}

std::string as_form(const json::object& payload) {
    std::string form;
    if (!payload.contains("command")) return "payload=" + encoded(json::serialize(payload));
    for (const auto& member : payload) {
        if (!form.empty()) form += '&';
        form += encoded(member.key()) + "=" + encoded(std::string_view(member.value().as_string()));
    }
    return form;
}

Fixture slack_fixture(const std::string& name, json::object payload, int number) {
    const bool is_event = payload.contains("type") && payload["type"] == "event_callback";
    if (is_event) {
        payload["event_id"] = "EvOWN" + std::to_string(number);
        return {Platform::slack, name, json::serialize(payload)};
    }
    payload["trigger_id"] = "trigger.own." + std::to_string(number);
    return {Platform::slack, name, as_form(payload), "application/x-www-form-urlencoded"};
}

void add_recorded(Platform platform, const std::string& folder, std::vector<Fixture>& all) {
    int number = 0;
    for (const auto& path : files_in(root() / folder)) {
        if (!path.filename().string().starts_with("recorded__")) continue;
        const json::value file = parsed(path);
        for (const auto& member : file.as_object()) {
            if (!is_payload(member.key(), member.value())) continue;
            const std::string name = path.filename().string() + "#" + std::string(member.key());
            if (platform == Platform::slack) {
                all.push_back(slack_fixture(name, member.value().as_object(), number++));
            } else {
                json::object payload = member.value().as_object();
                if (payload.contains("timestamp"))
                    payload["timestamp"] = number++;  // forwarded twice
                all.push_back({platform, name, json::serialize(payload)});
            }
        }
    }
}

}  // namespace

bool are_here() { return std::filesystem::exists(root() / "PROVENANCE.md"); }

std::string file(const std::string& path) {
    std::ifstream in(std::filesystem::path(path).is_absolute() ? std::filesystem::path(path)
                                                               : root() / path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<Fixture> all() {
    std::vector<Fixture> all;
    add_telegram(all);
    add_whatsapp(all);
    add_recorded(Platform::discord, "discord", all);
    add_recorded(Platform::slack, "slack", all);
    return all;
}

}  // namespace decklog::ingest::fixtures
