// The share check (sample ratio mismatch): does the canary get fewer of the handled units than its
// planned weight? Then units are lost before they are counted, and no comparison of rates means
// anything.
//
// Null: share >= planned. With m_c of m = m_c + m_s units on the canary the batch's factor is
// f^m_c ((1 - f s)/(1 - s))^m_s for the planned share s, that of the floor (floor_evidence.hpp)
// with s in place of lambda, so the weight may change from check to check. Crossing 1/alpha holds
// the rollout: people have to look.
//
// Sources: Fabijan et al., "Diagnosing Sample Ratio Mismatch" (KDD 2019); sequential form Lindon
// and Malek (arXiv 2011.03567).
#pragma once

#include <span>

#include "domain/gate/log_space.hpp"

namespace decklog::domain::gate {

/// Units handled in one check, and the canary's planned share of them, 0..1.
struct HandledUnits {
    double canary = 0;
    double baseline = 0;
    double planned_share = 0;
};

/// ln of the evidence for a share below the plan after all checks, in nats; a check whose plan is 0
/// or 1 says nothing. Each alternative is a factor below 1 on the planned share.
[[nodiscard]] double ln_share_evidence(std::span<const HandledUnits> checks,
                                       const Mixture& factors);

}  // namespace decklog::domain::gate
