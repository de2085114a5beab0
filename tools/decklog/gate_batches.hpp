// Counts of one stream given by hand, a row a check: `canary_units, canary_errors, baseline_units,
// baseline_errors` as CSV. A first line that names these columns, in any order, sets the order;
// lines that begin with `#` are passed over. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/result.hpp"

namespace decklog::cli {

struct BatchRow {
    std::uint64_t canary_units = 0;
    std::uint64_t canary_errors = 0;
    std::uint64_t baseline_units = 0;
    std::uint64_t baseline_errors = 0;
    bool operator==(const BatchRow&) const = default;
};

/// Errors: io; invalid_argument, naming line and column. A file without a row is refused too.
[[nodiscard]] domain::Result<std::vector<BatchRow>> read_batches(const std::string& file);

}  // namespace decklog::cli
