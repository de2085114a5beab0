// What a log says about writing to it, found without reading the log. Its level: the newest
// LevelRaised through the index of types, else what LedgerCreated said. That it was moved: its last
// frame is a LedgerMoved. Thread-safe.
#pragma once

#include <cstdint>

#include "store/ledger.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store {

struct LogState {
    std::uint32_t level = 0;
    bool is_moved = false;  // it goes on elsewhere; only a fork comes next
};

[[nodiscard]] domain::Result<std::uint32_t> log_level(const LogReader& log,
                                                      std::uint32_t partition);
/// All of it, over the rows of a log that is not empty, for whoever begins to write. Errors:
/// corrupt, when an event of these types does not say a level.
[[nodiscard]] domain::Result<LogState> log_state(const RowReader& rows, std::uint32_t partition);

}  // namespace decklog::store
