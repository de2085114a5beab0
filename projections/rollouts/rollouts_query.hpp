// Questions to the rollouts view. `rows`: its rows. Pure, any thread.
#pragma once

#include <optional>
#include <vector>

#include "projections/rollouts/rollouts_rows.hpp"
#include "projections/rows.hpp"

namespace decklog::projections {

struct RolloutSummary {
    std::string workspace, id;
    rollout::RolloutRow row;
    bool is_open = false;
};

/// In the order of workspace and id, behind `after` (empty: from the first), at most `limit`.
[[nodiscard]] std::vector<RolloutSummary> rollouts(const RowReader& rows,
                                                   std::string_view workspace,
                                                   std::string_view after, std::size_t limit);

/// What the check counted that was sealed at this ordinal; nullopt: none was.
[[nodiscard]] std::optional<rollout::CountsRow> sealed_counts(const RowReader& rows,
                                                              std::string_view workspace,
                                                              std::string_view id,
                                                              std::uint64_t seal_ordinal);

/// Rollouts that are open, with the counts of the range at hand.
[[nodiscard]] std::vector<rollout::OpenRow> open_rollouts(const RowReader& rows);

}  // namespace decklog::projections
