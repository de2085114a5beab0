#include "tools/decklog/env_file.hpp"

#include <algorithm>
#include <fstream>
#include <optional>

#include "tools/decklog/limits.hpp"

namespace decklog::cli {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_key(std::string_view key) {
    const auto is_letter = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    };
    return !key.empty() && is_letter(key.front()) &&
           std::all_of(key.begin(), key.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

/// What may stand behind a closing quote.
bool is_end(std::string_view rest) {
    const std::string_view text = trimmed(rest);
    return text.empty() || (text.front() == '#' && rest.front() != '#');
}

std::optional<std::string> single_quoted(std::string_view text) {
    const auto end = text.find('\'', 1);
    if (end == std::string_view::npos || !is_end(text.substr(end + 1))) return std::nullopt;
    return std::string(text.substr(1, end - 1));
}

char unescaped(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return c;
    }
}

std::optional<std::string> double_quoted(std::string_view text) {
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            if (!is_end(text.substr(i + 1))) return std::nullopt;
            return value;
        }
        const bool is_escape =
            text[i] == '\\' && i + 1 < text.size() &&
            std::string_view("nrt\"\\$").find(text[i + 1]) != std::string_view::npos;
        value.push_back(is_escape ? unescaped(text[++i]) : text[i]);
    }
    return std::nullopt;
}

std::string plain(std::string_view text) {
    for (auto hash = text.find('#'); hash != std::string_view::npos;
         hash = text.find('#', hash + 1)) {
        if (hash == 0 || kBlanks.find(text[hash - 1]) != std::string_view::npos)
            return std::string(trimmed(text.substr(0, hash)));
    }
    return std::string(text);
}

std::optional<std::string> value_of(std::string_view text) {
    if (text.starts_with('\'')) return single_quoted(text);
    if (text.starts_with('"')) return double_quoted(text);
    return plain(text);
}

/// False: not a line of such a file.
bool take_line(std::string_view line, Variables& variables) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#') return true;
    constexpr std::string_view kExport = "export ";
    if (line.starts_with(kExport)) line = trimmed(line.substr(kExport.size()));
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = trimmed(line.substr(0, equals));
    auto value = value_of(trimmed(line.substr(equals + 1)));
    if (!is_key(key) || !value) return false;
    variables.insert_or_assign(std::string(key), std::move(*value));
    return true;
}

}  // namespace

domain::Result<Variables> parse_env(std::string_view text) {
    Variables variables;
    for (std::size_t line = 1, begin = 0; begin < text.size(); ++line) {
        const auto end = std::min(text.find('\n', begin), text.size());
        std::string_view content = text.substr(begin, end - begin);
        if (content.ends_with('\r')) content.remove_suffix(1);
        if (!take_line(content, variables)) {
            return domain::fail(domain::ErrorCode::invalid_argument,
                                "line " + std::to_string(line) + " is not KEY=VALUE");
        }
        begin = end + 1;
    }
    return variables;
}

domain::Result<Variables> read_env_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kEnvFileBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || !file.is_open() || std::filesystem::is_directory(path))
        return domain::fail(domain::ErrorCode::io, path.string() + " cannot be read");
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kEnvFileBytesMax)
        return domain::fail(domain::ErrorCode::io, path.string() + " is larger than 1 MiB");
    auto variables = parse_env(text);
    if (!variables)
        return domain::fail(variables.error().code,
                            path.string() + ": " + variables.error().context);
    return variables;
}

}  // namespace decklog::cli
