#include <string>

#include "tools/manual/pages.hpp"

namespace decklog::manual {
namespace {

enum class Value { none, any, choice, folder, file };

Value value_of(const OptionText& option) {
    if (!option.choices.empty()) return Value::choice;
    if (option.name == "--data" || option.name == "--evidence" || option.name == "DIR")
        return Value::folder;
    if (option.name == "--config" || option.name == "--env" || option.name == "--profile" ||
        option.name == "--policy" || option.name == "--batches" || option.name == "FILE")
        return Value::file;
    return option.is_positional || !option.argument.empty() ? Value::any : Value::none;
}

std::string words(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& word : list) text.append(text.empty() ? "" : " ").append(word);
    return text;
}

/// Which command the words before the cursor name: the same lines in both shells.
std::string find_command(const std::vector<CommandText>& commands, std::string_view indent) {
    std::string text;
    for (const CommandText& command : commands) {
        if (command.path.empty()) continue;
        const auto space = command.path.rfind(' ');
        const std::string above =
            space == std::string::npos ? std::string() : command.path.substr(0, space);
        text.append(indent).append("\"").append(above).append(" ");
        text.append(command.path.substr(space == std::string::npos ? 0 : space + 1));
        text.append("\") place=\"").append(command.path).append("\" ;;\n");
    }
    return text;
}

std::string bash_value(const OptionText& option) {
    switch (value_of(option)) {
        case Value::choice:
            return "COMPREPLY=($(compgen -W \"" + words(option.choices) + "\" -- \"$current\"))";
        case Value::folder:
            return "COMPREPLY=($(compgen -d -- \"$current\"))";
        case Value::file:
            return "COMPREPLY=($(compgen -f -- \"$current\"))";
        case Value::any:
        case Value::none:
            return ":";
    }
    return ":";
}

/// What may stand next: subcommands, options, and the values of the positional arguments.
std::string next_words(const CommandText& command) {
    std::string text = words(command.subcommands);
    for (const OptionText& option : command.options) {
        const std::string more = option.is_positional ? words(option.choices) : option.name;
        if (!more.empty()) text.append(text.empty() ? "" : " ").append(more);
    }
    return text;
}

/// Inside '…[…]' of zsh's _arguments.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
            out += c;
        }
    }
    return out;
}

std::string zsh_action(const OptionText& option) {
    switch (value_of(option)) {
        case Value::choice:
            return "(" + words(option.choices) + ")";
        case Value::folder:
            return "_files -/";
        case Value::file:
            return "_files";
        case Value::any:
        case Value::none:
            return " ";
    }
    return " ";
}

std::string zsh_argument(const OptionText& option) {
    if (option.is_positional)
        return "':" + zsh_text(option.description) + ":" + zsh_action(option) + "'";
    std::string text = "'";
    if (option.repeats) text += '*';
    text += option.name + "[" + zsh_text(option.description) + "]";
    if (!option.argument.empty()) text += ":" + option.argument + ":" + zsh_action(option);
    return text + "'";
}

std::string zsh_case(const std::vector<CommandText>& commands, const CommandText& command) {
    std::string text = "        \"" + command.path + "\")\n";
    if (command.subcommands.empty()) {
        text += "            _arguments -s";
        for (const OptionText& option : command.options)
            text += " \\\n                " + zsh_argument(option);
        return text + "\n            ;;\n";
    }
    text += "            below=(\n";
    for (const std::string& name : command.subcommands) {
        const std::string path = command.path.empty() ? name : command.path + " " + name;
        for (const CommandText& other : commands) {
            if (other.path == path)
                text += "                '" + name + ":" + zsh_text(other.summary) + "'\n";
        }
    }
    return text +
           "            )\n            _describe -t commands command below\n            ;;\n";
}

}  // namespace

std::string bash_completion(const std::vector<CommandText>& commands) {
    std::string text =
        "# bash completion for decklog; made from its own parser.\n"
        "_decklog() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} place= "
        "i\n"
        "    COMPREPLY=()\n"
        "    # bash takes --option=value for three words\n"
        "    if [[ $current == \"=\" ]]; then\n"
        "        current=\n"
        "    elif [[ $before == \"=\" ]]; then\n"
        "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
        "    fi\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        case \"$place ${COMP_WORDS[i]}\" in\n" +
        find_command(commands, "            ") +
        "        esac\n"
        "    done\n"
        "    case \"$place $before\" in\n";
    for (const CommandText& command : commands) {
        for (const OptionText& option : command.options) {
            if (option.argument.empty()) continue;
            text += "        \"" + command.path + " " + option.name + "\") " + bash_value(option) +
                    "; return ;;\n";
        }
    }
    text +=
        "    esac\n"
        "    case \"$place\" in\n";
    for (const CommandText& command : commands) {
        text += "        \"" + command.path + "\") COMPREPLY=($(compgen -W \"" +
                next_words(command) + "\" -- \"$current\")) ;;\n";
    }
    // Where the words above do not match, readline offers files: an import or a backup takes one.
    return text +
           "    esac\n"
           "}\n"
           "complete -o bashdefault -F _decklog decklog\n";
}

std::string zsh_completion(const std::vector<CommandText>& commands) {
    std::string text =
        "#compdef decklog\n"
        "# zsh completion for decklog; made from its own parser.\n"
        "_decklog() {\n"
        "    local place= i last=1\n"
        "    local -a below\n"
        "    for ((i = 2; i < CURRENT; i++)); do\n"
        "        case \"$place ${words[i]}\" in\n" +
        find_command(commands, "            ") +
        "            *) continue ;;\n"
        "        esac\n"
        "        last=$i\n"
        "    done\n"
        "    # the command's own words alone, as if its last part were the program\n"
        "    shift $((last - 1)) words\n"
        "    ((CURRENT -= last - 1))\n"
        "    case \"$place\" in\n";
    for (const CommandText& command : commands) text += zsh_case(commands, command);
    return text +
           "    esac\n"
           "}\n"
           "_decklog \"$@\"\n";
}

}  // namespace decklog::manual
