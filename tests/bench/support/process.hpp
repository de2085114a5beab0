// What the system says of another process: processor time, memory. Linux's /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace decklog::bench {

/// The server on a data directory; 0: none.
[[nodiscard]] pid_t pid_of_server(const std::filesystem::path& data);
/// User and system time so far.
[[nodiscard]] double cpu_seconds_of(pid_t pid);
struct Memory {
    double now_mb = 0, peak_mb = 0, anonymous_mb = 0;  // resident
};
[[nodiscard]] Memory memory_of(pid_t pid);
/// Of all files under a directory.
[[nodiscard]] std::uint64_t bytes_under(const std::filesystem::path& directory);

}  // namespace decklog::bench
