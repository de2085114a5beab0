#include "api/chat_commands/showing.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <vector>

#include "api/gate/report_json.hpp"
#include "domain/time_text.hpp"

namespace decklog::api::chat {
namespace {

namespace json = boost::json;

constexpr std::size_t kSecondsChars = 19;  // of an RFC 3339 time

/// A member as text; empty: it is not there, or null.
std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
    if (value == nullptr || value->is_null()) return {};
    if (value->is_string()) return std::string(value->get_string());
    return value->is_double() ? json_number(value->get_double()) : json::serialize(*value);
}

const json::object& object_of(const json::object& object, std::string_view name) {
    static const json::object kEmpty;
    const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
    return value != nullptr && value->is_object() ? value->get_object() : kEmpty;
}

const json::array& array_of(const json::object& object, std::string_view name) {
    static const json::array kEmpty;
    const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
    return value != nullptr && value->is_array() ? value->get_array() : kEmpty;
}

std::string stage_text(const json::object& rollout) {
    const std::string stage = text_of(rollout, "stage");
    return stage == "canary" ? stage + " at " + text_of(rollout, "weight") + " %" : stage;
}

std::string verdict_text(const json::object& verdict) {
    const std::string subject = text_of(verdict, "subject");
    return text_of(verdict, "verdict") + " (" + text_of(verdict, "reason") + ")" +
           (subject.empty() ? "" : ": " + subject);
}

/// Of each gate its last result, in the order in which the gates came first.
std::vector<std::string> gate_lines(const json::object& rollout) {
    std::vector<std::pair<std::string, std::string>> last;
    for (const json::value& item : array_of(rollout, "gates")) {
        if (!item.is_object()) continue;
        const json::object& gate = item.get_object();
        const std::string name = text_of(gate, "name");
        const auto same = std::find_if(last.begin(), last.end(),
                                       [&](const auto& other) { return other.first == name; });
        std::string& status =
            same == last.end() ? last.emplace_back(name, "").second : same->second;
        status = text_of(gate, "status");
        if (text_of(gate, "release") != text_of(rollout, "release"))
            status += " (release " + text_of(gate, "release") + ")";
    }
    std::vector<std::string> lines;
    for (const auto& [name, status] : last) lines.push_back("gate " + name + ": " + status);
    return lines;
}

std::string rollout_text(const json::object& rollout, std::int64_t given_at_us) {
    std::string text = text_of(rollout, "id") + ": " + stage_text(rollout) + "\n";
    text += "service " + text_of(rollout, "service") + ", release " + text_of(rollout, "release") +
            " after " + text_of(rollout, "baselineRelease") + ", checks " +
            text_of(rollout, "checks") + "\n";
    text += "verdict: " + verdict_text(object_of(rollout, "standing")) + "\n";
    const json::object& let = object_of(rollout, "override");
    const std::string until = text_of(let, "expiresAt");
    if (!until.empty() && until > domain::to_rfc3339(given_at_us)) {
        text += "override until " + until.substr(0, kSecondsChars) + "Z by " + text_of(let, "by") +
                ": " + text_of(let, "reason") + "\n";
    }
    for (const std::string& line : gate_lines(rollout)) text += line + "\n";
    if (const std::string position = text_of(rollout, "position"); !position.empty())
        text += "recorded at position " + position + "\n";
    return text;
}

std::string list_text(const json::object& list) {
    std::string text;
    for (const json::value& item : array_of(list, "items")) {
        if (!item.is_object()) continue;
        const json::object& one = item.get_object();
        text += text_of(one, "id") + ": " + stage_text(one) + ", " + verdict_text(one) + "\n";
    }
    if (text.empty()) return "there is no rollout\n";
    if (!text_of(list, "next").empty()) text += "there are more; decklog rollout list has all\n";
    return text;
}

/// Of a stream what it is and what would change it; its numbers are for a wider screen.
bool is_for_chat(std::string_view line) {
    return !line.empty() && (line.front() != ' ' || line.starts_with("  then"));
}

/// The explanation that the terminal has, shortened; or the verdict's words where nothing was
/// counted for it.
std::string verdict_lines(const json::object& verdict) {
    const std::string text = text_of(verdict, "text");
    if (text.empty()) return verdict_text(verdict) + "\n";
    std::string lines;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        if (is_for_chat(line)) lines.append(line).append("\n");
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return lines;
}

/// The last verdict has its explanation; of an earlier stage or weight it counts no more.
std::string standing_lines(const json::object& rollout) {
    const json::object& standing = object_of(rollout, "standing");
    const json::object& last = object_of(rollout, "lastVerdict");
    const bool is_standing = text_of(standing, "reason") == text_of(last, "reason") &&
                             text_of(standing, "stage") == text_of(last, "stage");
    return verdict_lines(is_standing ? last : standing);
}

std::string refusal_text(const json::object& refusal) {
    domain::Rejection rejection;
    rejection.message = text_of(refusal, "message");
    rejection.field = text_of(refusal, "field");
    if (text_of(refusal, "error") == "forbidden" && rejection.message.empty()) {
        rejection.message = "this takes the role operator, and yours is " +
                            text_of(refusal, "currentRole") +
                            "; ask an administrator to change it under [[operators]]";
    }
    if (rejection.message.empty()) rejection.message = "it failed; the server's log says where";
    return shown(rejection);
}

}  // namespace

std::string shown(const domain::Rejection& rejection) {
    return rejection.field.empty() ? rejection.message : rejection.field + ": " + rejection.message;
}

std::string shown(const Order& order, const Answer& answer, std::int64_t given_at_us) {
    constexpr int kRefusals = 400;
    boost::system::error_code error;
    const json::value body = json::parse(answer.body, error);
    const json::object none;
    const json::object& told = !error && body.is_object() ? body.get_object() : none;
    if (answer.status >= kRefusals || told.empty()) return refusal_text(told);
    switch (order.shows) {
        case Shows::list:
            return list_text(told);
        case Shows::rollout:
            return rollout_text(told, given_at_us);
        case Shows::verdict:
            return order.rollout + ": " + verdict_lines(told);
        case Shows::standing:
            return order.rollout + ": " + standing_lines(told);
        case Shows::help:
            break;
    }
    return std::string(help_text());
}

std::string_view not_listed_text() {
    return "you are not listed here; ask an administrator to list you under [[operators]]";
}

std::string_view still_working_text() {
    return "still working on it; ask `rollout show` in a moment what became of it";
}

std::string_view only_text_text() {
    return "this command has an option that is not text, so it was not carried out; register its "
           "options as text (type 3)";
}

std::string_view busy_text() {
    return "too many commands at once; nothing was done, give it again in a moment";
}

}  // namespace decklog::api::chat
