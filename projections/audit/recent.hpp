// The latest events by time, of equal times by position, newest first. Reads back from the end of
// time until it has enough, so it costs what it answers, whatever the history. Any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "domain/ids.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::audit {

[[nodiscard]] std::vector<domain::Position> recent_audit(const RowReader& rows, std::size_t limit);
[[nodiscard]] std::vector<domain::Position> recent_errors(const RowReader& rows, std::size_t limit);

}  // namespace decklog::projections::audit
