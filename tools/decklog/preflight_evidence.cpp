#include "tools/decklog/preflight_evidence.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "tools/decklog/limits.hpp"

namespace decklog::cli {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::optional<std::string> content_of(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::string text(kMetadataBytesMax, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

/// As a word of its own that begins with it: a short SHA is known by its beginning.
bool names_release(const std::string& text, const std::string& release) {
    const std::string in = lower(text), sought = lower(release);
    for (auto at = in.find(sought); at != std::string::npos; at = in.find(sought, at + 1)) {
        if (at == 0 || !is_hex(in[at - 1])) return true;
    }
    return false;
}

/// As a word of its own: "shadow" is no "sha".
bool has_word(const std::string& in, std::string_view word) {
    const auto is_letter = [&](std::size_t at) {
        return at < in.size() && std::isalpha(static_cast<unsigned char>(in[at])) != 0;
    };
    for (auto at = in.find(word); at != std::string::npos; at = in.find(word, at + 1)) {
        if ((at == 0 || !is_letter(at - 1)) && !is_letter(at + word.size())) return true;
    }
    return false;
}

/// The first line that says "SHA" or "commit" and a number like one: that of the candidate. None:
/// everything counts.
std::string line_of_the_sha(const std::string& metadata) {
    constexpr std::size_t kLeastDigits = 7;
    std::stringstream lines(metadata);
    for (std::string line; std::getline(lines, line);) {
        const std::string said = lower(line);
        if (!has_word(said, "sha") && !has_word(said, "commit")) continue;
        std::size_t digits = 0;
        for (const char c : said) {
            digits = is_hex(c) ? digits + 1 : 0;
            if (digits == kLeastDigits) return line;
        }
    }
    return metadata;
}

std::vector<std::string> cells_of(const std::string& row) {
    std::vector<std::string> cells;
    std::stringstream stream(row);
    for (std::string cell; std::getline(stream, cell, '|');) {
        const auto begin = cell.find_first_not_of(" \t\r`*");
        if (begin == std::string::npos) continue;
        cells.push_back(lower(cell.substr(begin, cell.find_last_not_of(" \t\r`*") - begin + 1)));
    }
    return cells;
}

/// Of a row of the table check | status | artifact: one cell says that it passed, none that it did
/// not. A word that nobody here knows is no pass.
bool is_pass(const std::vector<std::string>& cells) {
    static constexpr std::array<std::string_view, 13> kGood{
        "success", "successful", "succeeded", "pass",   "passed", "passing",           "ok",
        "green",   "✅",          "✔",         "✔️", "✓",      ":white_check_mark:"};
    static constexpr std::array<std::string_view, 12> kBad{
        "fail",     "failed",  "failure",   "failing", "error", "cancelled",
        "canceled", "skipped", "timed_out", "timed",   "red",   "❌"};
    const auto has = [](const auto& words, const std::string& word) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    bool passed = false;
    for (const std::string& cell : cells) {
        std::stringstream words(cell);
        std::size_t count = 0, good = 0;
        for (std::string word; words >> word; ++count) {
            if (has(kBad, word)) return false;
            if (has(kGood, word)) ++good;
        }
        passed = passed || (count > 0 && good == count);
    }
    return passed;
}

/// What the table says of a log, by its name or without its ending; nullopt: it has no such row.
std::optional<bool> says_it_passed(const std::string& metadata, const std::string& log) {
    const std::string stem = lower(fs::path(log).stem().string());
    std::optional<bool> passed;
    std::stringstream lines(metadata);
    for (std::string line; std::getline(lines, line);) {
        if (line.find('|') == std::string::npos || lower(line).find(stem) == std::string::npos)
            continue;
        passed = passed.value_or(true) && is_pass(cells_of(line));
    }
    return passed;
}

PreflightGate check_metadata(const std::string& gate, const std::optional<std::string>& metadata,
                             const std::string& release) {
    if (!metadata) return missing(gate, "there is no such file");
    if (names_release(line_of_the_sha(*metadata), release)) return passed(gate, "names " + release);
    return failed(gate, "does not name " + release + ": it is of another candidate");
}

PreflightGate check_log(const fs::path& folder, const std::string& log,
                        const std::optional<std::string>& metadata) {
    const std::string gate = "evidence:" + log;
    std::error_code error;
    if (!fs::is_regular_file(folder / log, error)) return missing(gate, "there is no such file");
    if (fs::file_size(folder / log, error) == 0 || error) return missing(gate, "the file is empty");
    if (!metadata) return passed(gate);  // that it is missing is another gate's
    const auto said = says_it_passed(*metadata, log);
    if (!said) return passed(gate, "is there; no row of the metadata says how it went");
    return *said ? passed(gate) : failed(gate, "the metadata does not say that it passed");
}

}  // namespace

PreflightGates check_evidence(const PreflightProfile& profile, const fs::path& folder,
                              const std::string& release) {
    PreflightGates gates;
    if (profile.metadata.empty()) return gates;
    const auto metadata = content_of(folder / profile.metadata);
    gates.push_back(check_metadata("evidence:" + profile.metadata, metadata, release));
    for (const std::string& log : profile.logs) gates.push_back(check_log(folder, log, metadata));
    return gates;
}

}  // namespace decklog::cli
