// The ledger that `decklog copy` moves: what it holds beside its frames, and its last event. Any
// thread.
#pragma once

#include <chrono>
#include <functional>

#include "domain/ledger/lineage.hpp"
#include "store/ledger.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store {

/// `done` of `total` events are at the target.
using CopyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// The rows that a ledger with files stands on; null: it has none.
[[nodiscard]] const RowStore* rows_of(const Ledger& ledger);

/// Of all partitions.
[[nodiscard]] std::uint64_t events_in(const LogReader& log);

/// Commits LedgerMoved in every partition, partition 0, which speaks for all, first; not where the
/// log ends with it. From here on nothing else is taken. A node of a cluster waits up to `patience`
/// for each partition to be its own. Errors: invalid_argument (it was moved elsewhere), io.
[[nodiscard]] domain::Result<void> end_ledger(Ledger& ledger, const domain::MoveTarget& to,
                                              const domain::LedgerOrder& order,
                                              std::chrono::milliseconds patience);

/// Every raw body that is still kept: its key in RowFamily::raw and its sealed bytes.
[[nodiscard]] domain::Result<void> each_raw_body(const RowReader& rows, std::uint32_t partition,
                                                 const KeyValueSink& sink);

}  // namespace decklog::store
