// `decklog preflight --rollout ID`: every result of the preflight as a hard gate of the rollout.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "tools/decklog/command_line.hpp"
#include "tools/decklog/preflight_gate.hpp"

namespace decklog::cli {

/// Of one preflight, for one rollout.
struct GateReport {
    std::string rollout, profile;
    std::string release;  // of the candidate; its beginning will do
};

/// What is sent of one result. `missing` is sent as failed: an older pass must not stand for it.
/// `evidence` is the profile and the reason, cut to what the log takes; no value is in it.
[[nodiscard]] boost::json::object gate_result(const GateReport& report, const PreflightGate& gate);

/// Asks for the rollout, which has to be of this release, then records one result after the other,
/// up to the first that is refused; which one that was is told, and the exit code set.
void record_gates(Session& session, GateReport report, const PreflightGates& gates);

}  // namespace decklog::cli
