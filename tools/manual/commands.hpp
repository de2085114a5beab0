// What the command line's parser knows, as plain values: the manual page and the completions are
// made from it, so that they name exactly the commands and options that exist. One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace decklog::manual {

struct OptionText {
    std::string name;      // "--role"; of a positional argument its word, "VIEW"
    std::string argument;  // "ROLE"; empty for a flag
    std::string description;
    std::vector<std::string> choices;  // the only values it takes; empty: any
    std::string default_value;
    std::string variable;  // of the environment, read when the option is not given
    bool is_positional = false;
    bool is_required = false;
    bool repeats = false;
};

struct CommandText {
    std::string path;  // "token create"; empty for decklog itself
    std::string summary;
    std::vector<OptionText> options;
    std::vector<std::string> subcommands;  // first words of the commands below it
};

/// Every command in the order of the help, each before the commands below it.
[[nodiscard]] std::vector<CommandText> commands_of(const CLI::App& app);

}  // namespace decklog::manual
