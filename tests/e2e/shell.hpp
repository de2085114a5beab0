// Commands of the shell, for tests of what people run: packages, manifests, scripts. Header only.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace decklog::e2e {

struct Shell {
    int exit_code = -1;
    std::string out;  // with what went to stderr
};

inline Shell run_shell(const std::string& command) {
    Shell shell;
    FILE* pipe = popen(("{ " + command + "\n} 2>&1").c_str(), "r");
    char buffer[4096];
    for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        shell.out.append(buffer, got);
    const int status = pclose(pipe);
    shell.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return shell;
}

inline bool is_there(const std::string& program) {
    return run_shell("command -v " + program).exit_code == 0;
}

inline std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string with(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

inline std::vector<std::string> words_of(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

}  // namespace decklog::e2e
