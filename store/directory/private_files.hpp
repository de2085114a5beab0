// Files that only their owner may read: everything in a data directory is one. Thread: any.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace decklog::store {

/// An open file descriptor, closed when it goes.
class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept;
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor();

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

/// `what` and the words for the current errno.
[[nodiscard]] tl::unexpected<domain::Error> io_error(const std::string& what);

/// From here on every file this process makes is private (umask 0077): RocksDB makes its own, on
/// its own threads, and takes no mode. Process-wide on purpose.
void make_new_files_private();

/// Mode 0700, durable on return; parents are made as needed. A directory that is there already gets
/// the mode too.
[[nodiscard]] domain::Result<void> create_private_directory(const std::filesystem::path& directory);

/// Writes the file (mode 0600) whole or not at all, durable on return: temporary file beside it,
/// fsync, rename, fsync of the directory.
[[nodiscard]] domain::Result<void> write_private_file(const std::filesystem::path& file,
                                                      std::string_view content);

/// The first `bytes_max` bytes. Errors: not_found, io.
[[nodiscard]] domain::Result<std::string> read_small_file(const std::filesystem::path& file,
                                                          std::size_t bytes_max);

}  // namespace decklog::store
