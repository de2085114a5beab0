#include "domain/gate/stream_evidence.hpp"

#include <cmath>

#include "domain/gate/coverage.hpp"
#include "domain/gate/floor_evidence.hpp"
#include "domain/gate/promotion_evidence.hpp"

namespace decklog::domain::gate {

JudgedBatches judged_batches(const Policy& policy, const Watch& watch, std::size_t stream) {
    JudgedBatches judged{.batches = batches_of(watch, stream)};
    for (const Batch& batch : judged.batches) judged.total = sum(judged.total, batch);
    judged.is_frozen = is_held_against_frozen(policy.streams[stream], watch.stage);
    if (judged.is_frozen) {
        const FrozenBaseline frozen =
            stream < watch.frozen.size() ? watch.frozen[stream] : FrozenBaseline{};
        judged.batches = {against(frozen, judged.total)};
    }
    return judged;
}

RegressionEvidence regression_of(const Policy& policy, const StreamPolicy& stream,
                                 const JudgedBatches& judged) {
    const std::uint32_t horizon = policy.restart && !judged.is_frozen ? policy.horizon : 1;
    if (stream.baseline == BaselineKind::floor) {
        return floor_regression_evidence(judged.batches, policy.grids.floor_regression,
                                         stream.floor, horizon);
    }
    return regression_evidence(judged.batches, policy.grids.regression, policy.ratio_ok, horizon);
}

PromotionParts promotion_of(const Policy& policy, const StreamPolicy& stream,
                            const JudgedBatches& judged) {
    PromotionParts parts;
    if (stream.floor > 0)
        parts.ln_floor = ln_floor_evidence(judged.total, policy.grids.floor, stream.floor);
    if (stream.baseline == BaselineKind::floor) {
        parts.ln_for_promotion = parts.ln_floor.value_or(0);
        return parts;
    }
    parts.ln_promotion =
        ln_promotion_evidence(judged.batches, policy.grids.promotion, policy.ratio_bad);
    parts.ln_for_promotion =
        parts.ln_floor ? ln_half_and_half(parts.ln_promotion, *parts.ln_floor) : parts.ln_promotion;
    return parts;
}

StreamEvidence evidence_of(const Policy& policy, const Watch& watch, std::size_t stream) {
    const StreamPolicy& of = policy.streams[stream];
    const JudgedBatches judged = judged_batches(policy, watch, stream);
    const RegressionEvidence regression = regression_of(policy, of, judged);
    const PromotionParts promotion = promotion_of(policy, of, judged);
    const double share = alpha_share(policy, stream);
    const Coverage coverage = coverage_of(policy, watch, stream);
    StreamEvidence evidence;
    evidence.ln_regression_plain = rounded(regression.ln_plain);
    evidence.ln_regression = rounded(regression.ln_restarting);
    // One that is only shown is shown against the whole of alpha.
    evidence.ln_rollback_at = rounded(-std::log(policy.alpha * (share > 0 ? share : 1)));
    evidence.ln_promotion = rounded(promotion.ln_promotion);
    if (promotion.ln_floor) evidence.ln_floor = rounded(*promotion.ln_floor);
    evidence.ln_for_promotion = rounded(promotion.ln_for_promotion);
    evidence.ln_promote_at = rounded(-std::log(policy.alpha));
    evidence.has_canary = coverage.has_canary;
    evidence.has_baseline = coverage.has_baseline;
    evidence.is_silent = coverage.is_silent;
    evidence.has_gap = coverage.has_gap;
    return evidence;
}

}  // namespace decklog::domain::gate
