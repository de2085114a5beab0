// Prints what the package ships beside the binary: `decklog_manual man FRAME`, `bash`, `zsh`.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tools/decklog/command_line.hpp"
#include "tools/manual/pages.hpp"

int main(int argc, char** argv) {
    using namespace decklog;
    const std::string what = argc > 1 ? argv[1] : "";
    cli::Session session;
    const auto app = cli::make_commands(session);
    const auto commands = manual::commands_of(*app);
    std::string text;
    if (what == "man" && argc == 3) {
        std::ifstream file(argv[2], std::ios::binary);
        const std::string frame{std::istreambuf_iterator<char>(file), {}};
        text = manual::man_page(commands, frame, DECKLOG_VERSION);
    } else if (what == "bash" && argc == 2) {
        text = manual::bash_completion(commands);
    } else if (what == "zsh" && argc == 2) {
        text = manual::zsh_completion(commands);
    }
    if (text.empty()) {
        std::fputs("usage: decklog_manual man FRAME | bash | zsh\n", stderr);
        return cli::kUsage;
    }
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? cli::kOk
                                                                           : cli::kFailed;
}
