// The rule of the nearly full disk for work that fills a directory before a ledger is open in it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "domain/result.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::store {

/// Of the disk that holds `path`, or will once it is made. All zero: it cannot be asked.
[[nodiscard]] DiskSpace disk_space_of(const std::filesystem::path& path);

/// Errors: disk_full (`disk_low: …`) while less than this or less than 5 % of the disk is free. 0:
/// no rule. Thread: any.
[[nodiscard]] domain::Result<void> check_disk_room(const std::filesystem::path& path,
                                                   std::uint64_t free_bytes_min);

}  // namespace decklog::store
