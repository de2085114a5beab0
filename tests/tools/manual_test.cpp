// The manual page and the completions name what the parser knows, and a shell can use them.
#include "tools/manual/pages.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

#include "tools/decklog/command_line.hpp"

namespace decklog::manual::manual_test {

std::vector<CommandText> all_commands() {
    cli::Session session;
    return commands_of(*cli::make_commands(session));
}

std::string frame() {
    std::ifstream file(std::string(DECKLOG_SOURCE_DIR) + "/tools/package/decklog.1");
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
    std::string text;
    char bytes[4096];
    for (std::size_t n = 0; (n = fread(bytes, 1, sizeof bytes, pipe.get())) > 0;)
        text.append(bytes, n);
    return text;
}

/// A file that goes with the test.
class TextFile {
  public:
    explicit TextFile(const std::string& text) {
        const int file = mkstemp(path_.data());
        EXPECT_EQ(write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
        close(file);
    }
    ~TextFile() { unlink(path_.c_str()); }
    TextFile(const TextFile&) = delete;
    TextFile& operator=(const TextFile&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_ = "/tmp/decklog-manual-XXXXXX";
};

/// What bash offers after these words; the last one is the word at the cursor.
std::vector<std::string> offered(const std::vector<std::string>& words) {
    const TextFile script(bash_completion(all_commands()));
    std::string line = "bash -c '. " + script.path() + "; COMP_WORDS=(";
    for (const std::string& word : words) line += "\"" + word + "\" ";
    line += "); COMP_CWORD=" + std::to_string(words.size() - 1) +
            "; _decklog; printf \"%s\\n\" \"${COMPREPLY[@]}\"' 2>&1";
    std::istringstream lines(output_of(line));
    std::vector<std::string> replies;
    for (std::string reply; std::getline(lines, reply);) {
        if (!reply.empty()) replies.push_back(reply);
    }
    return replies;
}

std::string without_escapes(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '\\'), text.end());
    return text;
}

TEST(Manual, KnowsWhatTheParserKnows) {
    const auto commands = all_commands();
    const auto find = [&commands](std::string_view path) {
        return *std::find_if(commands.begin(), commands.end(),
                             [path](const CommandText& command) { return command.path == path; });
    };
    EXPECT_GE(commands.size(), 11U);
    EXPECT_TRUE(commands.front().path.empty());
    const CommandText create = find("token create");
    const auto role =
        std::find_if(create.options.begin(), create.options.end(),
                     [](const OptionText& option) { return option.name == "--role"; });
    ASSERT_NE(role, create.options.end());
    EXPECT_EQ(role->argument, "ROLE");
    EXPECT_FALSE(role->is_required) << "a token for a gate has none";
    EXPECT_TRUE(std::any_of(
        create.options.begin(), create.options.end(),
        [](const OptionText& option) { return option.name == "--name" && option.is_required; }));
    EXPECT_EQ(role->choices, (std::vector<std::string>{"viewer", "operator", "ingest", "admin"}));
    const CommandText rebuild = find("rebuild");
    EXPECT_TRUE(
        std::any_of(rebuild.options.begin(), rebuild.options.end(), [](const OptionText& option) {
            return option.name == "VIEW" && option.is_positional && option.choices.size() >= 3;
        }));
}

TEST(Manual, ThePageTellsEveryCommandAndOption) {
    const auto commands = all_commands();
    const std::string page = without_escapes(man_page(commands, frame(), "1.2.3"));
    EXPECT_NE(page.find("decklog 1.2.3"), std::string::npos);
    EXPECT_EQ(page.find("@COMMANDS@"), std::string::npos);
    for (const CommandText& command : commands) {
        if (!command.subcommands.empty()) continue;
        EXPECT_NE(page.find(".SS \"decklog " + command.path + "\""), std::string::npos)
            << command.path;
        EXPECT_NE(page.find(command.summary), std::string::npos) << command.path;
        for (const OptionText& option : command.options)
            EXPECT_NE(page.find(option.name), std::string::npos)
                << command.path << " " << option.name;
    }
}

TEST(Manual, GroffTakesThePageWithoutAWarning) {
    if (output_of("command -v groff").empty()) GTEST_SKIP() << "groff is not here";
    const TextFile page(man_page(all_commands(), frame(), "1.2.3"));
    EXPECT_EQ(output_of("groff -Kutf8 -man -Tutf8 -ww -z " + page.path() + " 2>&1"), "");
}

TEST(Completion, OffersCommandsAndOptionsWhereTheyStand) {
    for (const CommandText& command : all_commands()) {
        std::vector<std::string> words{"decklog"};
        std::istringstream path(command.path);
        for (std::string word; path >> word;) words.push_back(word);
        words.emplace_back();
        const auto replies = offered(words);
        std::vector<std::string> wanted = command.subcommands;
        for (const OptionText& option : command.options) {
            if (!option.is_positional) wanted.push_back(option.name);
        }
        for (const std::string& word : wanted)
            EXPECT_NE(std::find(replies.begin(), replies.end(), word), replies.end())
                << command.path << ": " << word;
    }
}

TEST(Completion, OffersTheValuesOfAnOption) {
    EXPECT_EQ(offered({"decklog", "token", "create", "--role", "i"}),
              std::vector<std::string>{"ingest"});
    EXPECT_EQ(offered({"decklog", "token", "create", "--role", "=", "vi"}),
              std::vector<std::string>{"viewer"});
    EXPECT_EQ(offered({"decklog", "rebuild", "aud"}), std::vector<std::string>{"audit"});
    EXPECT_EQ(offered({"decklog", "events", "--action", ""}), std::vector<std::string>{})
        << "any value goes";
    EXPECT_EQ(offered({"decklog", "events", "--actor", "token", "--fol"}),
              std::vector<std::string>{"--follow"})
        << "a value that is called like a command is none";
}

TEST(Completion, ZshIsToldTheSame) {
    const auto commands = all_commands();
    const std::string script = zsh_completion(commands);
    EXPECT_TRUE(script.starts_with("#compdef decklog\n"));
    for (const CommandText& command : commands) {
        EXPECT_NE(script.find("\"" + command.path + "\")"), std::string::npos) << command.path;
        if (!command.subcommands.empty()) continue;
        for (const OptionText& option : command.options) {
            if (option.is_positional) continue;
            EXPECT_NE(script.find(option.name + "["), std::string::npos) << option.name;
        }
    }
    if (output_of("command -v zsh").empty()) return;
    const TextFile file(script);
    EXPECT_EQ(output_of("zsh -n " + file.path() + " 2>&1"), "");
}

}  // namespace decklog::manual::manual_test
