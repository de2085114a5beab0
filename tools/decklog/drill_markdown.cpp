#include "tools/decklog/drill_markdown.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>
#include <vector>

#include "tools/decklog/command_line.hpp"
#include "tools/decklog/command_words.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kFenceMin = 3;
constexpr std::size_t kTypicalRow = 200;

/// Text in a cell of a table, where nothing of it is markup.
std::string cell(std::string_view text) {
    constexpr std::string_view kMarkup = "\\`*_{}[]<>()#!|~&";
    std::string out;
    out.reserve(kTypicalRow);
    for (const char c : printable(text)) {
        if (kMarkup.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::size_t longest_run_of_backticks(std::string_view text) {
    std::size_t longest = 0, current = 0;
    for (const char c : text) {
        current = c == '`' ? current + 1 : 0;
        longest = std::max(longest, current);
    }
    return longest;
}

/// Lines without what drives a terminal: evidence is read with `cat` too.
std::string printable_lines(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        for (std::size_t at = 0; at <= line.size();) {  // tabs are no control
            const auto tab = std::min(line.find('\t', at), line.size());
            out += printable(line.substr(at, tab - at));
            if (tab < line.size()) out += '\t';
            at = tab + 1;
        }
        out += '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

/// A fence longer than any in the text: nothing in it can end it.
std::string fenced(std::string_view text, const char* kind = "text") {
    const std::string lines = printable_lines(text);
    const std::string fence(std::max(kFenceMin, longest_run_of_backticks(lines) + 1), '`');
    return fence + kind + "\n" + lines + fence + "\n";
}

const json::object& object_in(const json::object& parent, std::string_view name) {
    static const json::object kNone;
    const auto* value = parent.if_contains(name);
    return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

bool is_true(const json::object& parent, std::string_view name) {
    const auto* value = parent.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::string> words_in(const json::object& command) {
    std::vector<std::string> words;
    const auto* list = command.if_contains("words");
    if (list == nullptr || !list->is_array()) return words;
    for (const json::value& word : list->get_array()) {
        if (word.is_string()) words.emplace_back(word.get_string());
    }
    return words;
}

void add_row(std::string& text, const char* name, std::string_view value) {
    if (!value.empty()) text.append("| ").append(name).append(" | ").append(cell(value) + " |\n");
}

std::string facts_of(const json::object& run, const json::object& drill) {
    std::string text = "| | |\n|---|---|\n";
    add_row(text, "Result", is_true(drill, "passed") ? "pass" : "fail");
    add_row(text, "Operator", text_of(drill, "operator"));
    add_row(text, "Recorded by", text_of(drill, "recordedBy"));
    add_row(text, "Environment", text_of(drill, "environment"));
    add_row(text, "Service", text_of(run, "service"));
    add_row(text, "Release", text_of(run, "release"));
    add_row(text, "SHA", text_of(drill, "sha"));
    add_row(text, "Start", text_of(drill, "startedAt"));
    add_row(text, "End", text_of(drill, "endedAt"));
    add_row(text, "Chosen revision", text_of(drill, "revision"));
    add_row(text, "Follow-up owner", text_of(drill, "followUpOwner"));
    add_row(text, "Rollout", text_of(run, "rollout"));
    add_row(text, "Run", text_of(run, "run"));
    add_row(text, "Verdict", text_of(run, "verdict"));
    add_row(text, "Position", text_of(drill, "position"));
    return text;
}

std::string command_section(const json::object& command) {
    std::string shown = "$ " + command_line_of(words_in(command)) + "\n";
    shown += text_of(command, "output");
    std::string text = "\n### Command " + text_of(command, "number") + ": exit code " +
                       text_of(command, "exitCode") + "\n\n" + text_of(command, "startedAt") +
                       " to " + text_of(command, "endedAt") + "\n\n" + fenced(shown);
    if (is_true(command, "cut")) text += "\nThe output was longer; this is its beginning.\n";
    return text;
}

/// A row a line, so that it can be read.
std::string snapshot_text(const json::object& snapshot) {
    std::string text = "{\n";
    std::size_t left = snapshot.size();
    for (const auto& member : snapshot) {
        text += "  " + json::serialize(json::string(member.key())) + ": ";
        const auto* rows = member.value().if_array();
        if (rows == nullptr || rows->empty()) {
            text += json::serialize(member.value());
        } else {
            text += "[\n";
            for (std::size_t i = 0; i < rows->size(); ++i) {
                text += "    " + json::serialize((*rows)[i]);
                text += i + 1 < rows->size() ? ",\n" : "\n";
            }
            text += "  ]";
        }
        text += --left > 0 ? ",\n" : "\n";
    }
    return text + "}\n";
}

}  // namespace

std::string drill_markdown(const json::object& run) {
    const json::object& drill = object_in(run, "drill");
    const bool is_rollback = text_of(drill, "kind") == "rollback";
    std::string text = is_rollback ? "# Rollback drill: " : "# Rollout drill: ";
    text += is_true(drill, "passed") ? "pass\n\n" : "fail\n\n";
    text += facts_of(run, drill);
    text += "\n## Commands\n";
    if (const auto* commands = run.if_contains("commands"); commands && commands->is_array()) {
        for (const json::value& command : commands->get_array()) {
            if (command.is_object()) text += command_section(command.get_object());
        }
    }
    if (is_rollback) text += "\n## Rollout history\n\n" + fenced(text_of(drill, "history"));
    text += "\n## Observability snapshot, excerpt\n\n";
    if (drill.contains("snapshot")) {
        text += fenced(snapshot_text(object_in(drill, "snapshot")), "json");
    } else {
        text += "None was answered.\n";
    }
    return text;
}

}  // namespace decklog::cli
