#include "store/directory/private_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "store/log.hpp"

namespace decklog::store {
namespace {

constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPrivateDirectory = 0700;

domain::Result<void> write_all(int fd, std::string_view content, const std::string& name) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return io_error("write " + name);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

domain::Result<void> sync_directory(const std::filesystem::path& directory) {
    const FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open() || ::fsync(fd.get()) != 0) return io_error("fsync " + directory.string());
    return {};
}

domain::Result<void> write_synced(const std::filesystem::path& file, std::string_view content) {
    const FileDescriptor fd(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kPrivateFile));
    if (!fd.is_open()) return io_error("create " + file.string());
    // A temporary file left by an earlier crash keeps the mode it had.
    if (::fchmod(fd.get(), kPrivateFile) != 0) return io_error("chmod " + file.string());
    if (auto done = write_all(fd.get(), content, file.string()); !done) return done;
    if (::fsync(fd.get()) != 0) return io_error("fsync " + file.string());
    return {};
}

std::filesystem::path parent_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

/// A parent that we may write to but not read cannot be synced by us, nor can one of a file system
/// that has no such call.
domain::Result<void> sync_entry_of(const std::filesystem::path& file) {
    auto synced = sync_directory(parent_of(file));
    if (!synced && (errno == EACCES || errno == EINVAL)) return {};
    return synced;
}

/// Each parent's entry is durable before anything is put below it.
domain::Result<void> create_parents(const std::filesystem::path& directory) {
    std::error_code error;
    if (std::filesystem::exists(directory, error)) return {};
    if (auto made = create_parents(parent_of(directory)); !made) return made;
    std::filesystem::create_directory(directory, error);
    if (error) {
        return domain::fail(domain::ErrorCode::io,
                            "create " + directory.string() + ": " + error.message());
    }
    return sync_entry_of(directory);
}

}  // namespace

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

FileDescriptor::~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
}

tl::unexpected<domain::Error> io_error(const std::string& what) {
    const std::error_code error(errno, std::generic_category());
    const bool is_full = error.value() == ENOSPC || error.value() == EDQUOT;
    return domain::fail(is_full ? domain::ErrorCode::disk_full : domain::ErrorCode::io,
                        what + ": " + error.message());
}

void make_new_files_private() { ::umask(S_IRWXG | S_IRWXO); }

domain::Result<void> create_private_directory(const std::filesystem::path& directory) {
    std::error_code error;
    if (auto made = create_parents(parent_of(directory)); !made) return made;
    if (::mkdir(directory.c_str(), kPrivateDirectory) == 0) return sync_entry_of(directory);
    if (errno != EEXIST) return io_error("create " + directory.string());
    if (!std::filesystem::is_directory(directory, error)) {
        return domain::fail(domain::ErrorCode::invalid_argument,
                            directory.string() + " is not a directory");
    }
    // A mounted volume may belong to somebody else; the files in it are private all the same.
    if (::chmod(directory.c_str(), kPrivateDirectory) != 0) {
        log_warn("store", {}, "cannot make {} private to its owner (mode 0700)",
                 directory.string());
    }
    return {};
}

domain::Result<void> write_private_file(const std::filesystem::path& file,
                                        std::string_view content) {
    const std::filesystem::path parent = parent_of(file);
    const std::filesystem::path temporary = parent / ("." + file.filename().string() + ".tmp");
    if (auto written = write_synced(temporary, content); !written) {
        ::unlink(temporary.c_str());
        return written;
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0) {
        auto failed = io_error("rename to " + file.string());
        ::unlink(temporary.c_str());
        return failed;
    }
    return sync_directory(parent);
}

domain::Result<std::string> read_small_file(const std::filesystem::path& file,
                                            std::size_t bytes_max) {
    const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open() && errno == ENOENT) {
        return domain::fail(domain::ErrorCode::not_found, file.string() + " does not exist");
    }
    if (!fd.is_open()) return io_error("open " + file.string());
    std::string content(bytes_max, '\0');
    std::size_t size = 0;
    while (size < bytes_max) {
        const ssize_t got = ::read(fd.get(), content.data() + size, bytes_max - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_error("read " + file.string());
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    content.resize(size);
    return content;
}

}  // namespace decklog::store
