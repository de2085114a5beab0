// Limits of the command line.
#pragma once

#include <cstddef>

namespace decklog::cli {

inline constexpr std::size_t kPageItems = 1000;  // the most that one list answer gives
inline constexpr std::size_t kTableRows = 200;   // events are printed in tables of so many rows
inline constexpr int kLockWaitSeconds = 30;      // serve waits so long for another server to leave

}  // namespace decklog::cli
