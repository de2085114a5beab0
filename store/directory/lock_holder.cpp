#include "store/directory/lock_holder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "store/directory/private_files.hpp"

namespace decklog::store {
namespace {

std::optional<pid_t> pid_in(const FileDescriptor& lock) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(lock.get(), text.data(), text.size(), 0);
    if (size <= 0) return std::nullopt;
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + size, pid);
    const bool is_pid = error == std::errc{} && pid > 0 && end < text.data() + size && *end == '\n';
    return is_pid ? std::optional(pid) : std::nullopt;
}

}  // namespace

std::optional<pid_t> lock_holder(const std::filesystem::path& root) {
    const FileDescriptor lock(
        ::open((root / "LOCK").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!lock.is_open()) return std::nullopt;
    // Shared: two that look at once do not take each other for the holder.
    if (::flock(lock.get(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) return std::nullopt;
    return pid_in(lock);
}

}  // namespace decklog::store
