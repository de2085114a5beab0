#include "store/directory/directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "domain/check.hpp"
#include "store/directory/backup_places.hpp"
#include "store/directory/directory_format.hpp"

namespace decklog::store {
namespace {

constexpr std::chrono::milliseconds kLockPoll{50};
constexpr std::size_t kSmallFileBytesMax = 4096;
constexpr std::uintmax_t kStartBytes = 8U << 20U;
constexpr const char* kFormatName = "FORMAT";

Release this_release() {
    const auto release = parse_release(DECKLOG_VERSION);
    DECKLOG_CHECK(release.has_value());
    return *release;
}

/// Hidden files and a volume's lost+found do not count.
bool holds_nothing(const std::filesystem::path& root) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(root, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!name.starts_with(".") && name != "lost+found") return false;
    }
    return !error;
}

/// Somebody's directory with other things in it keeps its mode: `--data /tmp` by mistake must not
/// lock everybody out. All files of ours are private in any case.
domain::Result<void> create_root(const std::filesystem::path& root) {
    std::error_code error;
    if (std::filesystem::is_directory(root, error) && !holds_nothing(root)) return {};
    return create_private_directory(root);
}

std::string holder_of(const std::filesystem::path& lock_file) {
    const auto text = read_small_file(lock_file, kSmallFileBytesMax);
    const std::string pid = text ? text->substr(0, text->find_first_not_of("0123456789")) : "";
    return pid.empty() ? "another process" : "process " + pid;
}

domain::Result<void> write_pid(const FileDescriptor& lock) {
    const std::string pid = std::to_string(::getpid()) + "\n";
    const bool written =
        ::ftruncate(lock.get(), 0) == 0 &&
        ::pwrite(lock.get(), pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
    if (!written) return io_error("write LOCK");
    return {};
}

domain::Result<FileDescriptor> take_lock(const std::filesystem::path& root,
                                         std::chrono::milliseconds wait) {
    const std::filesystem::path file = root / "LOCK";
    FileDescriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock.is_open()) return io_error("open " + file.string());
    const auto deadline = std::chrono::steady_clock::now() + wait;
    while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return io_error("lock " + file.string());
        if (std::chrono::steady_clock::now() >= deadline) {
            return domain::fail(domain::ErrorCode::locked,
                                root.string() + " is in use by " + holder_of(file), true);
        }
        std::this_thread::sleep_for(kLockPoll);
    }
    if (const auto written = write_pid(lock); !written) return tl::unexpected(written.error());
    return lock;
}

/// A start replays what stands in the write-ahead logs into tables, and opens new files; RocksDB
/// ends badly when it runs out of room on the way.
domain::Result<void> check_room(const std::filesystem::path& root) {
    std::error_code failed;
    std::uintmax_t needed = kStartBytes;
    for (std::filesystem::recursive_directory_iterator entry(root, failed), end;
         !failed && entry != end; entry.increment(failed)) {
        std::error_code gone;
        if (entry->path().extension() != ".log") continue;
        if (const auto size = entry->file_size(gone); !gone) needed += size;
    }
    const auto space = std::filesystem::space(root, failed);
    if (failed || space.available >= needed) return {};
    return domain::fail(domain::ErrorCode::disk_full,
                        "No space left on device: " + root.string() + " has " +
                            std::to_string(space.available >> 20U) + " MiB free, a start needs " +
                            std::to_string((needed >> 20U) + 1));
}

domain::Result<void> check_or_create_format(const std::filesystem::path& root) {
    const auto text = read_small_file(root / kFormatName, kSmallFileBytesMax);
    if (text) {
        const auto found = parse_directory_format(*text);
        if (!found) return tl::unexpected(found.error());
        return check_may_open(*found, this_release());
    }
    if (text.error().code != domain::ErrorCode::not_found) return tl::unexpected(text.error());
    std::error_code error;
    if (std::filesystem::exists(root / "ledger", error)) {
        return domain::fail(domain::ErrorCode::corrupt,
                            root.string() + " holds a ledger but no FORMAT");
    }
    if (auto made = create_places(root); !made) return made;
    return write_private_file(root / kFormatName, to_text(kDirectoryFormat));
}

domain::Result<void> refuse_other_uses(const std::filesystem::path& root) {
    std::error_code error;
    if (std::filesystem::exists(root / "manifest.json", error)) {
        return domain::fail(domain::ErrorCode::invalid_argument,
                            root.string() + " is a backup: decklog restore makes data of it");
    }
    if (std::filesystem::exists(root / kRestoringName, error)) {
        return domain::fail(domain::ErrorCode::invalid_argument,
                            root.string() +
                                " holds a restore that is at work or was cut short: "
                                "run decklog restore again");
    }
    return {};
}

}  // namespace

domain::Result<Directory> Directory::open(std::filesystem::path root,
                                          std::chrono::milliseconds wait, OpenFor purpose) {
    make_new_files_private();
    if (purpose == OpenFor::use) {
        if (const auto mine = refuse_other_uses(root); !mine) return tl::unexpected(mine.error());
    }
    if (const auto made = create_root(root); !made) return tl::unexpected(made.error());
    auto lock = take_lock(root, wait);
    if (!lock) return tl::unexpected(lock.error());
    // Whoever left one runs no more, and the next process may well have the same id (a container).
    std::error_code none;
    std::filesystem::remove(root / "server.json", none);
    if (const auto room = check_room(root); !room) return tl::unexpected(room.error());
    if (const auto format = check_or_create_format(root); !format) {
        return tl::unexpected(format.error());
    }
    return Directory(std::move(root), std::move(*lock));
}

domain::Result<void> admit_partitions(const std::filesystem::path& root, std::uint32_t partitions) {
    if (partitions <= 1) return {};
    DirectoryFormat format = kDirectoryFormat;
    const auto text = read_small_file(root / kFormatName, kSmallFileBytesMax);
    if (!text && text.error().code != domain::ErrorCode::not_found)
        return tl::unexpected(text.error());
    if (text) {
        const auto found = parse_directory_format(*text);
        if (!found) return tl::unexpected(found.error());
        if (found->oldest_release >= kSeveralPartitionsSince) return {};
        format = *found;
    }
    format.oldest_release = kSeveralPartitionsSince;
    return write_private_file(root / kFormatName, to_text(format));
}

domain::Result<void> Directory::write_private(const std::string& name,
                                              const std::string& content) const {
    DECKLOG_CHECK(!name.empty() && name.find('/') == std::string::npos);
    return write_private_file(root_ / name, content);
}

}  // namespace decklog::store
