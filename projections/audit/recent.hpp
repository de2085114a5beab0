// The latest events by time, of equal times by position, newest first. Reads back from the end of
// time until it has enough, so it costs what it answers, whatever the history. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "domain/ids.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::audit {

struct Recent {
    std::int64_t at_us = 0;  // occurred
    domain::Position position;
};

/// Positions are those of `partition`.
[[nodiscard]] std::vector<Recent> recent_audit(const RowReader& rows, std::uint32_t partition,
                                               std::size_t limit);
[[nodiscard]] std::vector<Recent> recent_errors(const RowReader& rows, std::uint32_t partition,
                                                std::size_t limit);

}  // namespace decklog::projections::audit
