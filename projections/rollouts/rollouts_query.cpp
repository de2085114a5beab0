#include "projections/rollouts/rollouts_query.hpp"

#include "projections/row_bytes.hpp"

namespace decklog::projections {

using namespace rollout;

std::vector<RolloutSummary> rollouts(const RowReader& rows, std::string_view workspace,
                                     std::string_view after, std::size_t limit) {
    std::vector<RolloutSummary> found;
    const std::string first = rollout_key(workspace, after) + std::string(1, '\0');
    rows.scan(after.empty() ? rollout_key(workspace, {}) : first,
              end_of_prefix(std::string(1, kRollout)),
              [&](std::string_view key, std::string_view value) {
                  const RolloutName name = name_in(key);
                  if (name.workspace != workspace || found.size() == limit) return false;
                  const RolloutRow row = rollout_row(value);
                  found.push_back({name.workspace, name.id, row, !domain::is_finished(row.stage)});
                  return true;
              });
    return found;
}

std::optional<CountsRow> sealed_counts(const RowReader& rows, std::string_view workspace,
                                       std::string_view id, std::uint64_t seal_ordinal) {
    const auto stored = rows.get(counts_key(workspace, id, seal_ordinal));
    if (!stored) return std::nullopt;
    return counts_row(*stored);
}

std::vector<OpenRow> open_rollouts(const RowReader& rows) {
    std::vector<OpenRow> open;
    const std::string prefix(1, kOpen);
    rows.scan(prefix, end_of_prefix(prefix), [&open](std::string_view, std::string_view value) {
        open.push_back(open_row(value));
        return true;
    });
    return open;
}

}  // namespace decklog::projections
