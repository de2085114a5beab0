// Two builds of a view, row by row and byte by byte, and what differs in words that a person can
// read. Any thread; neither build may be written meanwhile, but through snapshots.
#pragma once

#include <functional>

#include "projections/engine.hpp"
#include "projections/rocks_rows.hpp"

namespace decklog::projections {

struct ComparedBuild {
    const View& logic;
    const RocksRows& rows;
    std::uint32_t partition = 0;
};

/// Fills rows, rows_that_differ and the first differences of the result. Asks `go_on` now and then;
/// false when that said no.
[[nodiscard]] bool compare_rows(const ComparedBuild& before, const ComparedBuild& after,
                                Rebuilt& result, const std::function<bool()>& go_on);

/// Fills folds_now and newly_parked. A key that misses other events than before, and not fewer, is
/// newly parked; what fewer are missing folds now.
void compare_parked(const ParkedKeys& before, const ParkedKeys& after, Rebuilt& result);

}  // namespace decklog::projections
