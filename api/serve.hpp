// `decklog serve`: everything between the flags and the exit code, so that main stays thin.
#pragma once

#include <chrono>

#include "api/config.hpp"

namespace decklog::api {

/// Loads the configuration from file, environment and flags, opens the data directory (waiting up
/// to `lock_wait` for another server to let go), serves until SIGTERM or SIGINT has drained it; a
/// second signal stops at once. Blocks. Call it before any other thread exists, since threads
/// inherit which signals they take. Returns the exit code: 0, 1 (locked, damaged, cannot listen),
/// 78 (configuration or format).
[[nodiscard]] int run_serve(const Flags& flags, std::chrono::milliseconds lock_wait);

/// 78 for what a change of configuration or release cures, else 1.
[[nodiscard]] int exit_code_of(const domain::Error& error);

}  // namespace decklog::api
