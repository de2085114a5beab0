// A sealed check's counts and what the judge made of them, as the tables that VerdictReached
// carries, and back. Pure, any thread.
#pragma once

#include <memory>
#include <vector>

#include "domain/events_generated.h"
#include "domain/gate/judge.hpp"

namespace decklog::domain {

[[nodiscard]] std::unique_ptr<fb::GateCheckT> record_of(const gate::SealedCheck& check);
[[nodiscard]] gate::SealedCheck check_of(const fb::GateCheckT& record);

[[nodiscard]] std::vector<std::unique_ptr<fb::GateEvidenceT>> record_of(
    const std::vector<gate::StreamEvidence>& streams);
[[nodiscard]] std::vector<gate::StreamEvidence> evidence_of(
    const std::vector<std::unique_ptr<fb::GateEvidenceT>>& record);

}  // namespace decklog::domain
