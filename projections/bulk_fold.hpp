// Folding long stretches of the log: the caller's thread reads and checks frames, and every
// instance folds them on a thread of its own, all from one pass. Rows are written where the ledger
// keeps a chain head anyway (every 65,536 positions), so the chain is not hashed again here, and
// large batches write a day's row once for many events. Twice as far apart took 7 % less time and
// too much memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "domain/result.hpp"
#include "projections/instance.hpp"
#include "projections/limits.hpp"
#include "store/ledger.hpp"

namespace decklog::projections {

struct BulkEnd {
    std::uint64_t next_ordinal = 0;
    std::optional<domain::Bytes32> chain{};  // the head there; absent: the ledger is asked
    /// Ends earlier, after so many places where rows were written.
    std::size_t writes_max = 4;
};

struct BulkPace {
    std::size_t chunk_frames = limits::kChunkFrames;
    /// Asked after every chunk with the ordinal that was read to; false ends it, with what was not
    /// written yet forgotten. Empty: it goes on.
    std::function<bool(std::uint64_t next_ordinal)> go_on{};
};

/// Folds one partition from where the instances stand, all at the same place, and blocks. An
/// instance that stops or fails stands where that was; others go on. Errors: what the log says;
/// corrupt when its positions are not dense; stopped, retryable, when `go_on` said no.
[[nodiscard]] domain::Result<void> bulk_fold(const store::LogReader& log, std::uint32_t partition,
                                             std::span<const InstancePtr> instances,
                                             const BulkEnd& end, const BulkPace& pace = {});

}  // namespace decklog::projections
