// A rollout as its stream tells it, now or as it stood at an earlier position. Any thread.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "domain/rollout/rollout.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

inline constexpr std::string_view kRolloutWorkspace = "default";

/// The rollout's events in the log's order, up to and with `until`, or all. Errors: corrupt, io.
[[nodiscard]] domain::Result<void> for_each_rollout_event(
    const store::LogReader& log, std::string_view id, std::optional<std::uint64_t> until,
    const std::function<void(const domain::EventView&)>& visit);

/// Folds the stream up to and with `until`, or to its end. A rollout that was never created does
/// not exist. Errors: corrupt, io.
[[nodiscard]] domain::Result<domain::Rollout::State> load_rollout(
    const store::LogReader& log, std::string_view id,
    std::optional<std::uint64_t> until = std::nullopt);

}  // namespace decklog::api
