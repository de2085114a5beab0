// Copies a backup's files and holds each to the manifest on the way: one pass over the bytes. Never
// links: what is restored shares nothing with the backup.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "store/backup/manifest.hpp"

namespace decklog::store {

/// `into` exists and holds none of the names. Problems, all of them, each beginning with the file's
/// name: missing, unknown, another size, another checksum, unreadable. From the first one on
/// nothing more is copied, only checked. Errors: io (of `into`), stopped.
[[nodiscard]] domain::Result<std::vector<std::string>> copy_backup(
    const std::filesystem::path& backup, const Manifest& manifest,
    const std::filesystem::path& into,
    const std::function<bool(std::uint64_t done, std::uint64_t total)>& progress);

}  // namespace decklog::store
