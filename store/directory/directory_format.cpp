#include "store/directory/directory_format.hpp"

#include <algorithm>
#include <charconv>

namespace decklog::store {
namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// What follows `key` and a space on a line of its own; empty when there is no such line.
std::string_view value_of(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
            return line.substr(key.size() + 1);
        }
    }
    return {};
}

}  // namespace

std::string to_text(const Release& release) {
    return std::to_string(release[0]) + "." + std::to_string(release[1]) + "." +
           std::to_string(release[2]);
}

std::optional<Release> parse_release(std::string_view text) {
    Release release{};
    for (std::size_t i = 0; i < release.size(); ++i) {
        const bool is_last = i + 1 == release.size();
        const std::size_t dot = is_last ? text.size() : text.find('.');
        if (dot == std::string_view::npos) return std::nullopt;
        const auto number = parse_number(text.substr(0, dot));
        if (!number) return std::nullopt;
        release[i] = *number;
        text.remove_prefix(is_last ? dot : dot + 1);
    }
    return release;
}

std::string to_text(const DirectoryFormat& format) {
    return "format " + std::to_string(format.format) + "\noldest_release " +
           to_text(format.oldest_release) + "\n";
}

domain::Result<DirectoryFormat> parse_directory_format(std::string_view text) {
    const auto format = parse_number(value_of(text, "format"));
    const auto release = parse_release(value_of(text, "oldest_release"));
    if (!format || !release) return domain::fail(domain::ErrorCode::corrupt, "FORMAT is garbled");
    return DirectoryFormat{*format, *release};
}

domain::Result<void> check_may_open(const DirectoryFormat& found, const Release& this_release) {
    if (found.format <= kDirectoryFormat.format && found.oldest_release <= this_release) return {};
    return domain::fail(domain::ErrorCode::other_format,
                        "the data directory has format " + std::to_string(found.format) +
                            ", which release " + to_text(found.oldest_release) +
                            " or newer opens; this is " + to_text(this_release));
}

}  // namespace decklog::store
