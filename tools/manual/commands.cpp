#include "tools/manual/commands.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace decklog::manual {
namespace {

std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        if (c == '-') return '_';
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

/// The parser tells the values of an option only as "TEXT:{a,b,c}".
std::vector<std::string> choices_in(std::string_view type_name) {
    std::vector<std::string> choices;
    const auto open = type_name.find(":{");
    const auto close = type_name.find('}');
    if (open == std::string_view::npos || close == std::string_view::npos) return choices;
    std::string_view left = type_name.substr(open + 2, close - open - 2);
    while (!left.empty()) {
        const auto comma = std::min(left.find(','), left.size());
        choices.emplace_back(left.substr(0, comma));
        left.remove_prefix(std::min(comma + 1, left.size()));
    }
    return choices;
}

OptionText option_of(const CLI::Option& option) {
    OptionText text;
    text.is_positional = option.get_positional();
    const std::string name = option.get_single_name();
    text.name = text.is_positional ? upper_case(name) : "--" + name;
    if (!text.is_positional && option.get_items_expected_max() > 0)
        text.argument = upper_case(name);
    text.description = option.get_description();
    text.choices = choices_in(option.get_type_name());
    text.default_value = option.get_default_str();
    text.variable = option.get_envname();
    text.is_required = option.get_required();
    text.repeats = option.get_items_expected_max() > 1;
    return text;
}

void add_command(const CLI::App& app, const std::string& path, std::vector<CommandText>& all) {
    CommandText text;
    text.path = path;
    text.summary = app.get_description();
    for (const CLI::Option* option : app.get_options()) text.options.push_back(option_of(*option));
    const auto below = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* command : below) text.subcommands.push_back(command->get_name());
    all.push_back(std::move(text));
    for (const CLI::App* command : below) {
        const std::string name = command->get_name();
        add_command(*command, path.empty() ? name : path + " " + name, all);
    }
}

}  // namespace

std::vector<CommandText> commands_of(const CLI::App& app) {
    std::vector<CommandText> all;
    add_command(app, {}, all);
    return all;
}

}  // namespace decklog::manual
