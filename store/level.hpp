// The level of a log, found without reading the log: the newest LevelRaised through the index of
// types, else what LedgerCreated said. Thread-safe.
#pragma once

#include <cstdint>

#include "store/ledger.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store {

[[nodiscard]] domain::Result<std::uint32_t> log_level(const LogReader& log,
                                                      std::uint32_t partition);
/// The same over rows, for the start. Errors: corrupt, when an event of these types does not say a
/// level.
[[nodiscard]] domain::Result<std::uint32_t> log_level(const RowReader& rows,
                                                      std::uint32_t partition);

}  // namespace decklog::store
