#include "store/backup/files.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "store/directory/private_files.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

constexpr std::size_t kPieceBytes = 1U << 20U;

domain::Result<std::size_t> read_piece(int fd, std::span<unsigned char> into,
                                       const std::filesystem::path& file) {
    while (true) {
        const ssize_t got = ::read(fd, into.data(), into.size());
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return io_error("read " + file.string());
    }
}

domain::Result<void> write_piece(int fd, std::span<const unsigned char> piece,
                                 const std::filesystem::path& file) {
    while (!piece.empty()) {
        const ssize_t written = ::write(fd, piece.data(), piece.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return io_error("write " + file.string());
        piece = piece.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

using PieceUse = std::function<domain::Result<void>(std::span<const unsigned char>)>;

domain::Result<FileSum> read_whole(const std::filesystem::path& file, const ReadSink& read,
                                   const PieceUse& use) {
    const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.is_open()) return io_error("open " + file.string());
    crypto_generichash_state state;
    FileSum sum;
    ::crypto_generichash_init(&state, nullptr, 0, sum.hash.size());
    std::vector<unsigned char> buffer(kPieceBytes);
    while (true) {
        const auto got = read_piece(fd.get(), buffer, file);
        if (!got) return tl::unexpected(got.error());
        if (*got == 0) break;
        const std::span<const unsigned char> piece(buffer.data(), *got);
        ::crypto_generichash_update(&state, piece.data(), piece.size());
        sum.bytes += piece.size();
        if (use) {
            if (auto used = use(piece); !used) return tl::unexpected(std::move(used).error());
        }
        if (read && !read(piece.size())) return domain::fail(ErrorCode::stopped, "ended", true);
    }
    ::crypto_generichash_final(&state, sum.hash.data(), sum.hash.size());
    return sum;
}

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

}  // namespace

domain::Result<FileSum> sum_file(const std::filesystem::path& file, const ReadSink& read) {
    return read_whole(file, read, {});
}

domain::Result<FileSum> copy_whole(const std::filesystem::path& from,
                                   const std::filesystem::path& to, const ReadSink& read) {
    const FileDescriptor fd(
        ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.is_open()) return io_error("create " + to.string());
    auto sum = read_whole(from, read, [&fd, &to](std::span<const unsigned char> piece) {
        return write_piece(fd.get(), piece, to);
    });
    if (!sum) return sum;
    if (::fsync(fd.get()) != 0) return io_error("fsync " + to.string());
    return sum;
}

domain::Result<void> sync_file(const std::filesystem::path& file) {
    const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.is_open() || ::fsync(fd.get()) != 0) return io_error("fsync " + file.string());
    return {};
}

domain::Result<void> sync_directory(const std::filesystem::path& directory) {
    const FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open() || ::fsync(fd.get()) != 0) return io_error("fsync " + directory.string());
    return {};
}

domain::Result<std::vector<std::string>> files_under(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    std::error_code failed;
    for (auto entry = std::filesystem::recursive_directory_iterator(directory, failed);
         !failed && entry != std::filesystem::recursive_directory_iterator();
         entry.increment(failed)) {
        const auto kind = entry->symlink_status(failed).type();
        if (failed) break;
        if (kind == std::filesystem::file_type::directory) continue;
        if (kind != std::filesystem::file_type::regular) {
            return domain::fail(ErrorCode::corrupt, entry->path().string() + " is no plain file");
        }
        names.push_back(entry->path().lexically_relative(directory).generic_string());
    }
    if (failed)
        return domain::fail(ErrorCode::io, "list " + directory.string() + ": " + failed.message());
    std::sort(names.begin(), names.end());
    return names;
}

bool is_plain_name(const std::string& name) {
    if (name.empty() || name.front() == '/' || name.back() == '/') return false;
    bool begins_part = true;
    for (const char c : name) {
        if (c == '/' ? begins_part : !is_plain(c) || (begins_part && c == '.')) return false;
        begins_part = c == '/';
    }
    return true;
}

domain::Result<bool> is_absent_or_empty(const std::filesystem::path& directory) {
    std::error_code failed;
    const auto status = std::filesystem::status(directory, failed);
    if (status.type() == std::filesystem::file_type::not_found) return true;
    if (failed) return domain::fail(ErrorCode::io, directory.string() + ": " + failed.message());
    if (!std::filesystem::is_directory(status)) {
        return domain::fail(ErrorCode::invalid_argument, directory.string() + " is no directory");
    }
    const bool is_empty = std::filesystem::is_empty(directory, failed);
    if (failed) return domain::fail(ErrorCode::io, directory.string() + ": " + failed.message());
    return is_empty;
}

std::filesystem::path directory_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace decklog::store
