// Policies to begin with: by name, or as the base of a policy file. Pure, any thread.
#pragma once

#include <optional>
#include <string_view>

#include "domain/gate/policy.hpp"

namespace decklog::domain::gate {

/// Four critical actions, each over all platforms together; no gates, no platforms.
[[nodiscard]] Policy default_policy();

/// The release gate of the leasing bot: the same four as what has to be proven; handoffs, booking
/// conflicts and each of its five platforms watched beside them; all five platforms and the gates
/// of its checklist required.
[[nodiscard]] Policy lease_bot_policy();

/// `default` or `lease-bot`.
[[nodiscard]] std::optional<Policy> find_profile(std::string_view name);

}  // namespace decklog::domain::gate
