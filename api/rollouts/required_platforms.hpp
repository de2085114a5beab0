// Which platforms that a policy requires are missing: what GET /api/admin/platform-policies says of
// the configured ones, asked for a rollout. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "api/app.hpp"
#include "domain/gate/gate_results.hpp"
#include "domain/gate/policy.hpp"

namespace decklog::api {

/// A platform is active for so long after the last event of it.
inline constexpr std::int64_t kActivityUs = std::int64_t{24} * 3'600 * 1'000'000;

/// As of `now_us`. nullopt: the platforms view has not folded all events before ordinal `until` yet
/// (an old log is folded again, say), so what it has not seen is not missing.
[[nodiscard]] std::optional<std::vector<domain::gate::MissingPlatform>> missing_platforms(
    const Core& core, const domain::gate::Policy& policy, std::uint64_t until, std::int64_t now_us);

/// As of now and all that is durable; waits for the view, on a thread that may. Error: stopped
/// (retryable, it took too long).
[[nodiscard]] domain::Result<std::vector<domain::gate::MissingPlatform>> missing_platforms_now(
    const Core& core, const domain::gate::Policy& policy);

}  // namespace decklog::api
