// Audit actions as services send them, numbered: the same number makes the same event. 10,000
// conversations, 50 agents, three actions, a new trace and a new command key each.
#pragma once

#include <cstdint>

#include "store/ledger.hpp"

namespace decklog::bench {

[[nodiscard]] domain::NewEvent audit_event(std::uint64_t number, std::int64_t occurred_at_us);
[[nodiscard]] domain::CommandKey audit_key(std::uint64_t number);
/// The event as the fact it is, under its key.
[[nodiscard]] store::Submission audit_submission(std::uint64_t number, std::int64_t occurred_at_us);

}  // namespace decklog::bench
