// How many distinct units each cohort attempted, and how many of them failed, per failing action
// and platform, over whole minutes. What counts as an attempt at what: work_table.hpp. A failure is
// an attempt of its unit, so failed <= attempted always.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "projections/rows.hpp"

namespace decklog::projections {

struct Baseline {
    domain::Cohort cohort = domain::Cohort::none;
    std::string action;    // that says the work failed: platform_dispatch_error
    std::string platform;  // `unknown` when the events had none
    std::int64_t attempted_units = 0;
    std::int64_t failed_units = 0;
    auto operator<=>(const Baseline&) const = default;
};

/// Windows are whole minutes by occurred_at: [since, until) widened to the minutes that hold its
/// ends. A row stands wherever something was attempted, failed or not. Ordered by cohort (none,
/// shadow, canary, full), action, platform. `baselines_rows`: rows of the baselines view. Any
/// thread.
[[nodiscard]] std::vector<Baseline> baselines(const RowReader& baselines_rows,
                                              std::int64_t since_us, std::int64_t until_us);

}  // namespace decklog::projections
