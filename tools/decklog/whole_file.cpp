#include "tools/decklog/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace decklog::cli {
namespace {

constexpr mode_t kPrivate = 0600;

std::filesystem::path folder_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

domain::Result<WholeFile> WholeFile::begin(const std::string& name) {
    if (name == "-") return WholeFile({}, {}, store::FileDescriptor(::dup(STDOUT_FILENO)));
    const std::filesystem::path path(name);
    std::filesystem::path temporary =
        folder_of(path) / ("." + path.filename().string() + "." + std::to_string(::getpid()));
    store::FileDescriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kPrivate));
    if (!file.is_open()) return store::io_error("create " + temporary.string());
    return WholeFile(path, std::move(temporary), std::move(file));
}

WholeFile::WholeFile(WholeFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)) {}

WholeFile::~WholeFile() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

domain::Result<void> WholeFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0)
            return store::io_error("write " + (path_.empty() ? "the output" : path_.string()));
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

domain::Result<void> WholeFile::keep() {
    if (path_.empty()) return {};
    if (::fsync(file_.get()) != 0) return store::io_error("sync " + temporary_.string());
    if (::rename(temporary_.c_str(), path_.c_str()) != 0)
        return store::io_error("rename to " + path_.string());
    temporary_.clear();
    const store::FileDescriptor folder(
        ::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open() || ::fsync(folder.get()) != 0)
        return store::io_error("sync " + folder_of(path_).string());
    return {};
}

}  // namespace decklog::cli
