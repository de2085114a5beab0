// The data directory: FORMAT, LOCK, HEAD, server.json, admin-token, and the three databases
// ledger/, views/, vault/. One process at a time holds LOCK (flock); everything else assumes it
// does. Not thread-safe; one owner.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/head_file.hpp"
#include "store/private_files.hpp"

namespace decklog::store {

class Directory {
  public:
    /// Creates the directory (0700) when absent, waits up to `wait` for LOCK. Errors: locked (names
    /// the pid), other_format (names the oldest release that may open it), io.
    [[nodiscard]] static domain::Result<Directory> open(std::filesystem::path root,
                                                        std::chrono::milliseconds wait);
    Directory(Directory&&) noexcept;
    Directory& operator=(Directory&&) noexcept;
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory();

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    [[nodiscard]] std::filesystem::path ledger() const { return root_ / "ledger"; }
    [[nodiscard]] std::filesystem::path views() const { return root_ / "views"; }
    [[nodiscard]] std::filesystem::path vault() const { return root_ / "vault"; }
    [[nodiscard]] std::filesystem::path head_file() const { return root_ / "HEAD"; }

    /// Writes a file of mode 0600 whole or not at all (temporary file, rename).
    [[nodiscard]] domain::Result<void> write_private(const std::string& name,
                                                     const std::string& content) const;

  private:
    Directory() = default;
    std::filesystem::path root_;
    int lock_fd_ = -1;
};

/// What a running server leaves for the command line: URL, pid, admin token made at start.
struct ServerFile {
    std::string url;
    pid_t pid = 0;
    std::string token;
};
[[nodiscard]] std::optional<ServerFile> read_server_file(const std::filesystem::path& root);

}  // namespace decklog::store
