// A gate's policy as the table that RolloutCreated carries, and back. Pure, any thread.
#pragma once

#include <memory>
#include <optional>

#include "domain/events_generated.h"
#include "domain/gate/policy.hpp"

namespace decklog::domain {

[[nodiscard]] std::unique_ptr<fb::GatePolicyT> record_of(const gate::Policy& policy);
/// nullopt: no policy that this release would take.
[[nodiscard]] std::optional<gate::Policy> policy_of(const fb::GatePolicyT& record);

}  // namespace decklog::domain
