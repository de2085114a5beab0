// The judge: one sealed check more, and what it means for the rollout. A pure function of the
// policy, the watch so far, the check's counts and the hard gates, so that any verdict can be
// reached again from the log. In this order:
//
//     rolled back before, or promoted and no hard gate red since the same verdict again
//     a hard gate is red, or a required platform is missing      ROLLBACK
//     a stream's regression evidence reached 1/(alpha a_k)       ROLLBACK  canary, full
//     a required stream of the canary is silent                  ROLLBACK  canary
//     the share check reached 1/alpha                            HOLD      canary
//     burn rate pages                                            HOLD      full
//     everything is proven, in enough checks in a row, no gap,
//     no gate open                                               PROMOTE
//     the same, but a required drill has not passed              HOLD      canary
//     the horizon is reached                                     HOLD
//     otherwise                                                  CONTINUE
//
// Proven means: every required stream's evidence is at 1/alpha (canary); every required stream with
// a concurrent baseline has its minimum exposure, or the shadow as a whole when there is none
// (shadow); full_watch_seconds are over and every required stream has data (full). A check in whose
// range nobody was there neither proves nor disproves: it adds nothing to the checks in a row.
// ROLLBACK stays, and PROMOTE does as long as no hard gate turns red: later checks of the watch
// answer the same, until next_step takes the watch to a higher weight. HOLD is asked again at the
// next check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/gate/gate_results.hpp"
#include "domain/gate/policy.hpp"
#include "domain/gate/stream_evidence.hpp"
#include "domain/gate/verdict.hpp"
#include "domain/gate/watch.hpp"

namespace decklog::domain::gate {

struct Judgement {
    Verdict verdict = Verdict::proceed;
    Reason reason = Reason::none;
    std::string subject{};  // what the reason is about: a gate, a stream, platforms
    /// Position of the red gate, or of what is the last of a missing platform.
    std::optional<std::uint64_t> cause{};
    Reason missing = Reason::none;  // of a HOLD at the horizon: what was still missing
    std::uint32_t checks = 0;       // of the watch, this one included
    std::uint32_t passes = 0;
    double ln_share = 0;
    double ln_share_at = 0;
    std::vector<StreamEvidence> streams{};
    bool operator==(const Judgement&) const = default;
};

struct Judged {
    Judgement judgement;
    Watch watch;  // for the next check
};

/// A watch that is full (limits::kChecksMax) takes no more checks: hold, horizon_reached.
/// `check.streams` has one entry a stream of the policy, and the policy is one that refusal_of lets
/// pass.
[[nodiscard]] Judged judge(const Policy& policy, Watch watch, SealedCheck check,
                           const GateInputs& gates);

/// Hard gates alone, between checks: a rollback, or nothing. The watch returned is settled.
[[nodiscard]] std::optional<Judged> judge_gates(const Policy& policy, Watch watch,
                                                const GateInputs& gates);

/// `ai_reply_error on roomies`, `ai_reply_error`.
[[nodiscard]] std::string stream_name(const StreamPolicy& stream);

}  // namespace decklog::domain::gate
