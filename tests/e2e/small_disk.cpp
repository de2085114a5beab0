#include "tests/e2e/small_disk.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace decklog::e2e {
namespace {

constexpr const char* kBallast = ".ballast";

}  // namespace

SmallDisk::SmallDisk(std::uint64_t mib) {
    std::filesystem::create_directories(path_);
    const std::string options = "mode=0700,size=" + std::to_string(mib) + "m";
    if (::mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) != 0)
        why_not_ = std::string("a tmpfs cannot be mounted here: ") + std::strerror(errno);
}

SmallDisk::~SmallDisk() {
    if (why_not_.empty()) ::umount2(path_.c_str(), MNT_DETACH);
}

std::uint64_t SmallDisk::free_bytes() const {
    std::error_code failed;
    return std::filesystem::space(path_, failed).available;
}

void SmallDisk::leave_free(std::uint64_t bytes) {
    const std::string ballast = path_ / kBallast;
    const int fd = ::open(ballast.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return;
    const std::string zeros(64 * 1024, '\0');
    for (std::uint64_t free = free_bytes(); free > bytes; free = free_bytes()) {
        const std::size_t size = std::min<std::uint64_t>(zeros.size(), free - bytes);
        if (::write(fd, zeros.data(), size) <= 0) break;
    }
    ::close(fd);
}

void SmallDisk::give_back() {
    std::error_code ignored;
    std::filesystem::remove(path_ / kBallast, ignored);
}

}  // namespace decklog::e2e
