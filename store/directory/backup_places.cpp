#include "store/directory/backup_places.hpp"

#include <algorithm>
#include <string>

#include "store/directory/private_files.hpp"

namespace decklog::store {
namespace {

namespace fs = std::filesystem;
using domain::ErrorCode;

constexpr std::size_t kBytesMax = 1U << 20U;

fs::path file_in(const fs::path& root) { return root / "backups"; }

std::string first_line(std::size_t places) { return "places " + std::to_string(places); }

tl::unexpected<domain::Error> unknown_places(const fs::path& root, const std::string& what) {
    return domain::fail(
        ErrorCode::corrupt,
        file_in(root).string() + " " + what +
            ": where backups of this ledger stand is not known, and whoever is erased "
            "would come back by one of them. Write it anew: a line `places N`, then N "
            "lines, each the directory that holds such backups");
}

std::string text_of(const std::vector<fs::path>& places) {
    std::string text = first_line(places.size()) + "\n";
    for (const fs::path& place : places) text += place.string() + "\n";
    return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (!line.empty()) lines.push_back(line);
    }
    return lines;
}

}  // namespace

domain::Result<void> create_places(const fs::path& root) {
    std::error_code failed;
    if (fs::exists(file_in(root), failed)) return {};
    return write_private_file(file_in(root), text_of({}));
}

domain::Result<std::vector<fs::path>> known_places(const fs::path& root) {
    const auto text = read_small_file(file_in(root), kBytesMax);
    if (!text && text.error().code == ErrorCode::not_found)
        return unknown_places(root, "is not there");
    if (!text) return tl::unexpected(text.error());
    const std::vector<std::string_view> lines = lines_of(*text);
    if (lines.empty() || lines.front() != first_line(lines.size() - 1)) {
        return unknown_places(root, "has " + std::to_string(lines.size()) +
                                        " lines, the first of which does not count the others");
    }
    return std::vector<fs::path>(lines.begin() + 1, lines.end());
}

domain::Result<void> remember_place(const fs::path& root, const fs::path& place) {
    const fs::path absolute = fs::absolute(place).lexically_normal();
    if (absolute.string().find('\n') != std::string::npos) {
        return domain::fail(ErrorCode::invalid_argument, "a path of backups has no line breaks");
    }
    auto places = known_places(root);
    if (!places) return tl::unexpected(std::move(places).error());
    if (std::find(places->begin(), places->end(), absolute) != places->end()) return {};
    places->push_back(absolute);
    return write_private_file(file_in(root), text_of(*places));
}

}  // namespace decklog::store
