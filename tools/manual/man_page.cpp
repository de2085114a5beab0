#include <algorithm>

#include "tools/manual/pages.hpp"

namespace decklog::manual {
namespace {

/// Text for groff: a backslash is its escape, a hyphen is a minus sign that can be copied, and a
/// line may not begin with a dot or a quote.
std::string groff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\(rs";
        } else if (c == '-') {
            out += "\\-";
        } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
            out += "\\&";
            out += c;
        } else {
            out += c;
        }
    }
    return out;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (const std::string& word : words) text.append(text.empty() ? "" : separator).append(word);
    return text;
}

std::string described(const OptionText& option) {
    std::string text = groff(option.description);
    const bool says_them = std::all_of(
        option.choices.begin(), option.choices.end(), [&option](const std::string& choice) {
            return option.description.find(choice) != std::string::npos;
        });
    if (!says_them) text += "; one of " + groff(joined(option.choices, ", "));
    if (!option.default_value.empty()) text += "; default " + groff(option.default_value);
    if (!option.variable.empty()) text += "; else " + groff(option.variable);
    if (option.is_required) text += "; must be given";
    return text + ".\n";
}

/// Options alike in every command are told once, not once for each.
bool is_common(const std::vector<CommandText>& commands, const OptionText& option) {
    constexpr std::size_t kCommands = 3;
    const auto has = [&option](const CommandText& command) {
        return std::any_of(
            command.options.begin(), command.options.end(), [&option](const OptionText& other) {
                return other.name == option.name && other.description == option.description;
            });
    };
    return !option.is_positional &&
           std::count_if(commands.begin(), commands.end(), has) >= static_cast<long>(kCommands);
}

std::string option_entry(const OptionText& option) {
    std::string entry = ".TP\n.B " + groff(option.name);
    if (!option.argument.empty())
        entry = ".TP\n.BI " + groff(option.name) + " \" " + groff(option.argument) + "\"";
    return entry + "\n" + described(option);
}

std::string synopsis(const CommandText& command) {
    std::string line = ".B decklog " + groff(command.path);
    for (const OptionText& option : command.options) {
        if (option.is_positional)
            line += option.is_required ? " " + option.name : " [" + option.name + "]";
    }
    return line;
}

std::string common_section(const std::vector<CommandText>& commands) {
    std::string text = ".SS Options of most commands\n";
    std::vector<std::string> told;
    for (const CommandText& command : commands) {
        for (const OptionText& option : command.options) {
            if (!is_common(commands, option)) continue;
            if (std::find(told.begin(), told.end(), option.name) != told.end()) continue;
            told.push_back(option.name);
            text += option_entry(option);
        }
    }
    return text;
}

std::string command_sections(const std::vector<CommandText>& commands) {
    std::string text;
    for (const CommandText& command : commands) {
        if (!command.subcommands.empty()) continue;  // its subcommands say it
        std::vector<std::string> common;
        std::string own;
        for (const OptionText& option : command.options) {
            if (is_common(commands, option)) {
                common.push_back(groff(option.name));
            } else {
                own += option_entry(option);
            }
        }
        text += ".SS \"decklog " + groff(command.path) + "\"\n" + synopsis(command) + "\n.PP\n" +
                groff(command.summary) + ".\n" + own;
        if (!common.empty()) text += ".PP\nAlso takes " + joined(common, ", ") + ".\n";
    }
    return text + common_section(commands);
}

void replace(std::string& text, std::string_view mark, const std::string& by) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size()))
        text.replace(at, mark.size(), by);
}

}  // namespace

std::string man_page(const std::vector<CommandText>& commands, std::string_view frame,
                     std::string_view version) {
    std::string page(frame);
    replace(page, "@VERSION@", std::string(version));
    replace(page, "@COMMANDS@\n", command_sections(commands));
    return page;
}

}  // namespace decklog::manual
