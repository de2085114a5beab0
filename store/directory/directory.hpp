// The data directory: FORMAT, LOCK, HEAD, server.json, admin-token, and the three databases
// ledger/, views/, vault/. One process at a time holds LOCK (flock); everything else assumes it
// does. Not thread-safe; one owner.
//
// FORMAT is text, two lines: `format 1` and `oldest_release 0.1.0`, the oldest release that may
// open the directory. A release that raises either writes what an older one must not touch; the
// older one stops and names the newer. A directory of several partitions names 0.2.0, since an
// older release would see its partition 0 alone; one of one partition stays open to 0.1.0.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "domain/result.hpp"
#include "store/directory/head_file.hpp"
#include "store/directory/private_files.hpp"
#include "store/directory/server_file.hpp"

namespace decklog::store {

/// A restore opens what nothing else may: a directory that holds RESTORING.
enum class OpenFor : std::uint8_t { use, restore };
inline constexpr const char* kRestoringName = "RESTORING";

class Directory {
  public:
    /// Creates the directory (0700) when absent, waits up to `wait` for LOCK. Makes every file that
    /// this process creates from now on private. Errors: locked (names the pid), other_format
    /// (names the oldest release that may open it), corrupt (FORMAT is garbled, or missing beside a
    /// ledger), invalid_argument (not a directory; a backup, or a restore that was never finished,
    /// is no data directory), io.
    [[nodiscard]] static domain::Result<Directory> open(std::filesystem::path root,
                                                        std::chrono::milliseconds wait,
                                                        OpenFor purpose = OpenFor::use);
    Directory(Directory&&) noexcept = default;
    Directory& operator=(Directory&&) noexcept = default;
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() = default;

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    [[nodiscard]] std::filesystem::path ledger() const { return root_ / "ledger"; }
    [[nodiscard]] std::filesystem::path views() const { return root_ / "views"; }
    [[nodiscard]] std::filesystem::path vault() const { return root_ / "vault"; }
    [[nodiscard]] std::filesystem::path head_file() const { return root_ / "HEAD"; }

    /// Writes a file of mode 0600 whole or not at all (temporary file, fsync, rename). `name` is a
    /// plain file name.
    [[nodiscard]] domain::Result<void> write_private(const std::string& name,
                                                     const std::string& content) const;

  private:
    Directory(std::filesystem::path root, FileDescriptor lock)
        : root_(std::move(root)), lock_(std::move(lock)) {}

    std::filesystem::path root_;
    FileDescriptor lock_;  // closing it lets go of LOCK
};

/// FORMAT of a directory that is about to hold a ledger of `partitions`: durable before the first
/// row that an older release would overlook. Nothing to do for one partition. The caller holds
/// LOCK. Errors: corrupt (FORMAT is garbled), io.
[[nodiscard]] domain::Result<void> admit_partitions(const std::filesystem::path& root,
                                                    std::uint32_t partitions);

}  // namespace decklog::store
