#include "store/backup/erasure_list.hpp"

#include <fcntl.h>
#include <sodium.h>
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
constexpr std::size_t kHeadBytesMax = 4096;
constexpr std::size_t kSumBytes = 8;
constexpr const char* kSumMember = R"(,"sum":")";

std::optional<std::string> text_at(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains({key.data(), key.size()});
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

/// Hex of the first bytes of the BLAKE2b-256 of what stands before it in its line.
std::string sum_of(std::string_view body) {
    domain::Bytes32 hash{};
    ::crypto_generichash(hash.data(), hash.size(),
                         reinterpret_cast<const unsigned char*>(body.data()), body.size(), nullptr,
                         0);
    return domain::to_hex(hash.data(), kSumBytes);
}

/// How a line ends: its last member.
std::string end_of(std::string_view body) { return kSumMember + sum_of(body) + "\"}"; }

std::string line_of(const ListedErasure& erasure) {
    const boost::json::object object{{"subject", domain::to_text(erasure.subject)},
                                     {"at", domain::to_rfc3339(erasure.at_us)},
                                     {"reason", erasure.reason}};
    std::string body = boost::json::serialize(object);
    body.pop_back();  // the brace comes behind the sum
    return body + end_of(body) + "\n";
}

/// Or what is wrong with it.
tl::expected<ListedErasure, const char*> parse_line(std::string_view line) {
    constexpr const char* kNone = "is no erasure {subject, at, reason, sum}";
    constexpr const char* kOtherSum = "does not match its sum";
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse({line.data(), line.size()}, error);
    if (error || !value.is_object()) return tl::unexpected(kNone);
    const boost::json::object& object = value.get_object();
    const auto subject = domain::subject_from_text(text_at(object, "subject").value_or(""));
    const auto at = domain::parse_rfc3339(text_at(object, "at").value_or(""), "at");
    if (!subject || !at || !text_at(object, "sum")) return tl::unexpected(kNone);
    const std::size_t body_bytes = std::min(line.size(), line.rfind(kSumMember));
    if (line.substr(body_bytes) != end_of(line.substr(0, body_bytes)))
        return tl::unexpected(kOtherSum);
    return ListedErasure{*subject, *at, text_at(object, "reason").value_or("")};
}

/// The beginning of a line, as a crash leaves it.
bool is_cut(std::string_view line) {
    boost::json::error_code error;
    static_cast<void>(boost::json::parse({line.data(), line.size()}, error));
    return error == boost::json::error::incomplete;
}

struct Parsed {
    std::vector<ListedErasure> erasures{};
    std::size_t bytes = 0;     // of the lines that count
    bool lacks_break = false;  // after the last of them
    std::size_t cut_line = 0;  // number of a last line that is the beginning of one; 0: none
};

tl::unexpected<domain::Error> bad_line(const std::filesystem::path& list, std::size_t number,
                                       const std::string& what) {
    return domain::fail(ErrorCode::corrupt,
                        list.string() + ": line " + std::to_string(number) + " " + what);
}

domain::Result<Parsed> parse(std::string_view content, const std::filesystem::path& list) {
    Parsed parsed;
    std::size_t number = 0;
    while (parsed.bytes < content.size()) {
        const std::string_view rest = content.substr(parsed.bytes);
        const std::string_view line = rest.substr(0, rest.find('\n'));
        const bool lacks_break = line.size() == rest.size();
        ++number;
        auto erasure = parse_line(line);
        if (!erasure && lacks_break && is_cut(line)) {
            parsed.cut_line = number;
            return parsed;
        }
        if (!erasure) return bad_line(list, number, erasure.error());
        parsed.erasures.push_back(std::move(*erasure));
        parsed.lacks_break = lacks_break;
        parsed.bytes += line.size() + (lacks_break ? 0 : 1);
    }
    return parsed;
}

domain::Result<std::string> read_list(const std::filesystem::path& list) {
    std::error_code absent;
    const std::uintmax_t size = std::filesystem::file_size(list, absent);
    if (!absent && size > kListBytesMax) {
        return domain::fail(ErrorCode::corrupt, list.string() + " is larger than 256 MiB");
    }
    return read_small_file(list, absent ? 1 : static_cast<std::size_t>(size));
}

std::filesystem::path head_of(const std::filesystem::path& list) { return list.string() + ".head"; }

domain::Result<void> write_list_head(const std::filesystem::path& list, std::size_t lines) {
    const std::string body = R"({"lines":)" + std::to_string(lines);
    return write_private_file(head_of(list), body + end_of(body) + "\n");
}

/// How many lines the list had when its head was written; 0 when it has none.
domain::Result<std::size_t> lines_noted(const std::filesystem::path& list) {
    const std::filesystem::path head = head_of(list);
    const auto text = read_small_file(head, kHeadBytesMax);
    if (!text && text.error().code == ErrorCode::not_found) return std::size_t{0};
    if (!text) return tl::unexpected(text.error());
    const std::string_view line = std::string_view(*text).substr(0, text->find('\n'));
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse({line.data(), line.size()}, error);
    const auto* lines =
        error || !value.is_object() ? nullptr : value.get_object().if_contains("lines");
    const std::size_t body_bytes = std::min(line.size(), line.rfind(kSumMember));
    if (lines == nullptr || !lines->is_int64() || lines->get_int64() < 0 ||
        line.substr(body_bytes) != end_of(line.substr(0, body_bytes))) {
        return domain::fail(
            ErrorCode::corrupt,
            head.string() + " is damaged: whether " + list.filename().string() +
                " has all its lines is not known. Compare it with a copy, then remove "
                "the damaged file");
    }
    return static_cast<std::size_t>(lines->get_int64());
}

domain::Result<void> check_none_is_lost(const std::filesystem::path& list, std::size_t lines) {
    const auto noted = lines_noted(list);
    if (!noted) return tl::unexpected(noted.error());
    if (lines >= *noted) return {};
    return domain::fail(
        ErrorCode::corrupt,
        list.string() + " has " + std::to_string(lines) + " lines, and had " +
            std::to_string(*noted) + " when " + head_of(list).filename().string() +
            " was written: erasures are lost. Put back a copy of the list that has them "
            "all; else remove the list and make a backup to this place, which lists every "
            "erasure that the ledger knows");
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
    std::error_code failed;
    if (std::filesystem::exists(list, failed)) return {};
    std::filesystem::remove(head_of(list), failed);  // of a list that is gone
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
    if (auto whole = check_none_is_lost(list, listed->erasures.size()); !whole) return whole;
    std::set<domain::SubjectId> known;
    for (const ListedErasure& erasure : listed->erasures) known.insert(erasure.subject);
    std::string lines = listed->lacks_break ? "\n" : "";
    for (const ListedErasure& erasure : erasures) {
        if (known.insert(erasure.subject).second) lines += line_of(erasure);
    }
    // A line cut off by a crash would make one garbled line of two.
    const auto end = static_cast<off_t>(listed->bytes);
    if (::ftruncate(fd->get(), end) != 0) return io_error("truncate " + list.string());
    const ssize_t written = ::pwrite(fd->get(), lines.data(), lines.size(), end);
    if (written != static_cast<ssize_t>(lines.size())) {
        if (written >= 0) errno = ENOSPC;
        auto failed = io_error("append to " + list.string());
        static_cast<void>(::ftruncate(fd->get(), end) == 0);  // else the next one does
        return failed;
    }
    if (::fsync(fd->get()) != 0) return io_error("fsync " + list.string());
    return write_list_head(list, known.size());
}

domain::Result<std::vector<ListedErasure>> read_erasures(const std::filesystem::path& list) {
    // Whoever appends may be in the middle of a line. A place that knows no locks is read as it is.
    const FileDescriptor fd(::open(list.c_str(), O_RDONLY | O_CLOEXEC));
    while (fd.is_open() && ::flock(fd.get(), LOCK_SH) != 0 && errno == EINTR) {
    }
    auto content = read_list(list);
    if (!content) return tl::unexpected(std::move(content).error());
    auto parsed = parse(*content, list);
    if (!parsed) return tl::unexpected(std::move(parsed).error());
    if (parsed->cut_line == 0) {
        if (auto whole = check_none_is_lost(list, parsed->erasures.size()); !whole)
            return tl::unexpected(std::move(whole).error());
        return std::move(parsed->erasures);
    }
    return bad_line(
        list, parsed->cut_line,
        "is cut off: whom it named is not known. If this is the list itself and a "
        "crash cut it, that erasure was never reported as done and the next start of its "
        "server lists it again: start it, or remove the line. If it is a copy, copy "
        "the list again");
}

}  // namespace decklog::store
