// Policies as people write them: TOML, every key known by name and type, refused with the line that
// is wrong. What is not written keeps its default; `profile = "lease-bot"` begins from that profile
// instead, and streams that are written take the place of all of its streams (docs/gate.md).
#pragma once

#include <string>
#include <string_view>

#include "domain/gate/policy.hpp"
#include "domain/result.hpp"

namespace decklog::api {

inline constexpr std::size_t kPolicyBytesMax = 256 * 1024;

/// Rejections: invalid_policy, the message beginning with `line N: ` where a line is to blame, the
/// key's path as field, and a limit as refusal_of has it. The policy is one that
/// domain::gate::refusal_of lets pass.
[[nodiscard]] domain::Decision<domain::gate::Policy> parse_policy(std::string_view toml);

/// BLAKE2b-256 of the policy's canonical text, as 64 hex digits: what verdicts are kept under.
[[nodiscard]] std::string policy_hash(const domain::gate::Policy& policy);

}  // namespace decklog::api
