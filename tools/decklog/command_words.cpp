#include "tools/decklog/command_words.hpp"

#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

bool is_plain(std::string_view word) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    return !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
}

}  // namespace

std::string command_line_of(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
        if (!line.empty()) line += ' ';
        if (is_plain(word)) {
            line += word;
            continue;
        }
        line += '\'';
        for (const char c : word) c == '\'' ? line += "'\\''" : line += c;
        line += '\'';
    }
    return printable(line);
}

}  // namespace decklog::cli
