// Of the service's variables only how full the disk may be counts for commands on its files too.
#pragma once

#include <cstdint>

#include "api/config.hpp"
#include "domain/result.hpp"

namespace decklog::cli {

/// DECKLOG_DISK_FREE_MIB, if it is set, and nothing else.
[[nodiscard]] api::Environment disk_rule();
/// What it comes to, in bytes. Errors: those of load_config.
[[nodiscard]] domain::Result<std::uint64_t> disk_free_bytes_min();

}  // namespace decklog::cli
