// A rollout as its stream tells it, now or as it stood at an earlier position. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "domain/rollout/rollout.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

inline constexpr std::string_view kRolloutWorkspace = "default";

/// Folds the stream up to and with `until`, or to its end. A rollout that was never created does
/// not exist. Errors: corrupt, io.
[[nodiscard]] domain::Result<domain::Rollout::State> load_rollout(
    const store::LogReader& log, std::string_view id,
    std::optional<std::uint64_t> until = std::nullopt);

}  // namespace decklog::api
