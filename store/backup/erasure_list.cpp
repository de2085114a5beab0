#include "store/backup/erasure_list.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <optional>
#include <set>

#include "domain/time_text.hpp"
#include "store/backup/files.hpp"
#include "store/directory/private_files.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

constexpr std::size_t kListBytesMax = 256U << 20U;  // over two million erasures
constexpr std::size_t kPlacesBytesMax = 1U << 20U;

std::optional<std::string> text_at(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains({key.data(), key.size()});
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

std::string line_of(const ListedErasure& erasure) {
    const boost::json::object object{{"subject", domain::to_text(erasure.subject)},
                                     {"at", domain::to_rfc3339(erasure.at_us)},
                                     {"reason", erasure.reason}};
    return boost::json::serialize(object) + "\n";
}

std::optional<ListedErasure> parse_line(std::string_view line) {
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse({line.data(), line.size()}, error);
    if (error || !value.is_object()) return std::nullopt;
    const boost::json::object& object = value.get_object();
    const auto subject = domain::subject_from_text(text_at(object, "subject").value_or(""));
    if (!subject) return std::nullopt;
    const auto at = domain::parse_rfc3339(text_at(object, "at").value_or(""), "at");
    if (!at) return std::nullopt;
    return ListedErasure{*subject, *at, text_at(object, "reason").value_or("")};
}

/// The bytes up to the last line break.
std::string_view whole_lines(std::string_view content) {
    const std::size_t last = content.rfind('\n');
    return last == std::string_view::npos ? std::string_view{} : content.substr(0, last + 1);
}

domain::Result<std::vector<ListedErasure>> parse(std::string_view content,
                                                 const std::filesystem::path& list) {
    std::vector<ListedErasure> erasures;
    std::size_t number = 0;
    for (std::string_view rest = whole_lines(content); !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        ++number;
        auto erasure = parse_line(line);
        if (!erasure) {
            return domain::fail(ErrorCode::corrupt, list.string() + ": line " +
                                                        std::to_string(number) +
                                                        " is no erasure {subject, at, reason}");
        }
        erasures.push_back(std::move(*erasure));
    }
    return erasures;
}

domain::Result<std::string> read_list(const std::filesystem::path& list) {
    std::error_code absent;
    const std::uintmax_t size = std::filesystem::file_size(list, absent);
    if (!absent && size > kListBytesMax) {
        return domain::fail(ErrorCode::corrupt, list.string() + " is larger than 256 MiB");
    }
    return read_small_file(list, absent ? 1 : static_cast<std::size_t>(size));
}

domain::Result<FileDescriptor> open_locked(const std::filesystem::path& list) {
    FileDescriptor fd(::open(list.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.is_open() && errno == ENOENT) {
        return domain::fail(
            ErrorCode::not_found,
            list.string() + " does not exist: is the place of the backups mounted?");
    }
    if (!fd.is_open()) return io_error("open " + list.string());
    while (::flock(fd.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return io_error("lock " + list.string());
    }
    return fd;
}

}  // namespace

std::filesystem::path erasure_list_in(const std::filesystem::path& place) {
    return place / "erasures";
}

domain::Result<void> create_erasure_list(const std::filesystem::path& list) {
    // Never over one that somebody else has made and perhaps written to by now.
    const FileDescriptor fd(
        ::open(list.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.is_open()) {
        if (errno == EEXIST) return {};
        return io_error("create " + list.string());
    }
    if (::fsync(fd.get()) != 0) return io_error("fsync " + list.string());
    return sync_directory(list.parent_path());
}

domain::Result<void> append_erasures(const std::filesystem::path& list,
                                     std::span<const ListedErasure> erasures) {
    auto fd = open_locked(list);
    if (!fd) return tl::unexpected(std::move(fd).error());
    auto content = read_list(list);
    if (!content) return tl::unexpected(std::move(content).error());
    const auto listed = parse(*content, list);
    if (!listed) return tl::unexpected(listed.error());
    std::set<domain::SubjectId> known;
    for (const ListedErasure& erasure : *listed) known.insert(erasure.subject);
    std::string lines;
    for (const ListedErasure& erasure : erasures) {
        if (known.insert(erasure.subject).second) lines += line_of(erasure);
    }
    // A line cut off by a crash would make one garbled line of two.
    const auto end = static_cast<off_t>(whole_lines(*content).size());
    if (::ftruncate(fd->get(), end) != 0) return io_error("truncate " + list.string());
    const ssize_t written = ::pwrite(fd->get(), lines.data(), lines.size(), end);
    if (written != static_cast<ssize_t>(lines.size())) {
        if (written >= 0) errno = ENOSPC;
        auto failed = io_error("append to " + list.string());
        static_cast<void>(::ftruncate(fd->get(), end) == 0);  // else the next one does
        return failed;
    }
    if (::fsync(fd->get()) != 0) return io_error("fsync " + list.string());
    return {};
}

domain::Result<std::vector<ListedErasure>> read_erasures(const std::filesystem::path& list) {
    auto content = read_list(list);
    if (!content) return tl::unexpected(std::move(content).error());
    return parse(*content, list);
}

domain::Result<std::vector<std::filesystem::path>> known_places(const std::filesystem::path& root) {
    const auto content = read_small_file(root / "backups", kPlacesBytesMax);
    std::vector<std::filesystem::path> places;
    if (!content && content.error().code == ErrorCode::not_found) return places;
    if (!content) return tl::unexpected(content.error());
    for (std::string_view rest = *content; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (!line.empty()) places.emplace_back(line);
    }
    return places;
}

domain::Result<void> remember_place(const std::filesystem::path& root,
                                    const std::filesystem::path& place) {
    const std::filesystem::path absolute = std::filesystem::absolute(place).lexically_normal();
    if (absolute.string().find('\n') != std::string::npos) {
        return domain::fail(ErrorCode::invalid_argument, "a path of backups has no line breaks");
    }
    auto places = known_places(root);
    if (!places) return tl::unexpected(std::move(places).error());
    if (std::find(places->begin(), places->end(), absolute) != places->end()) return {};
    places->push_back(absolute);
    std::string content;
    for (const std::filesystem::path& known : *places) content += known.string() + "\n";
    return write_private_file(root / "backups", content);
}

}  // namespace decklog::store
