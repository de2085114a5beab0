// server.json: what a running server leaves in its data directory for the command line. Mode 0600:
// whoever may read it may act as an administrator while that server runs.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "domain/result.hpp"

namespace decklog::store {

struct ServerFile {
    std::string url;
    pid_t pid = 0;
    std::string token;  // admin token made at start
};

[[nodiscard]] domain::Result<void> write_server_file(const std::filesystem::path& root,
                                                     const ServerFile& server);
/// nullopt when absent or garbled. A file is no proof of life: the caller asks the server itself.
[[nodiscard]] std::optional<ServerFile> read_server_file(const std::filesystem::path& root);
/// Removes it when it is this process's own; a successor's stays.
void remove_server_file(const std::filesystem::path& root);

}  // namespace decklog::store
