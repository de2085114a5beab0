#include "store/disk_room.hpp"

#include <system_error>

#include "store/clock.hpp"
#include "store/writer/admission.hpp"

namespace decklog::store {

DiskSpace disk_space_of(const std::filesystem::path& path) {
    std::error_code failed;
    std::filesystem::path at = std::filesystem::absolute(path, failed);
    while (at.has_relative_path() && !std::filesystem::exists(at, failed)) at = at.parent_path();
    const std::filesystem::space_info info = std::filesystem::space(at, failed);
    if (failed) return {};  // a disk that cannot be asked is not one to fill
    return {info.available, info.capacity};
}

domain::Result<void> check_disk_room(const std::filesystem::path& path,
                                     std::uint64_t free_bytes_min) {
    LedgerOptions options;
    options.disk_free_bytes_min = free_bytes_min;
    options.disk_space = [&path] { return disk_space_of(path); };
    if (!DiskRule(options, system_clock()).refuses()) return {};
    return domain::fail(domain::ErrorCode::disk_full,
                        "disk_low: the disk of " + path.string() +
                            " is nearly full (DECKLOG_DISK_FREE_MIB); nothing was written");
}

}  // namespace decklog::store
