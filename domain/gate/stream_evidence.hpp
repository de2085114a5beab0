// What the counts of one stream say at the last check of a watch. Pure, any thread.
#pragma once

#include <cstddef>
#include <optional>

#include "domain/gate/policy.hpp"
#include "domain/gate/regression_evidence.hpp"
#include "domain/gate/watch.hpp"

namespace decklog::domain::gate {

/// Logarithms of evidence in nats, rounded to 1e-9.
struct StreamEvidence {
    double ln_regression_plain = 0;
    double ln_regression = 0;          // with start times, if the policy restarts: rolls back
    double ln_rollback_at = 0;         // the threshold 1 / (alpha a_k)
    double ln_promotion = 0;           // E_P; 0 for a stream that has the floor alone
    std::optional<double> ln_floor{};  // E_F, where there is a floor
    double ln_for_promotion = 0;       // what is held against the threshold
    double ln_promote_at = 0;          // 1 / alpha
    bool has_canary = false;           // attempted something in this watch
    bool has_baseline = false;         // there is something to compare with, or none is needed
    bool is_silent = false;
    bool has_gap = false;
    bool operator==(const StreamEvidence&) const = default;

    [[nodiscard]] bool is_regressed() const { return ln_regression >= ln_rollback_at; }
    [[nodiscard]] bool is_proven() const { return ln_for_promotion >= ln_promote_at; }
};

/// The batches that a stream of this kind is judged by: check by check, or the one batch of its
/// total against a frozen baseline.
struct JudgedBatches {
    std::vector<Batch> batches{};
    Batch total{};
    bool is_frozen = false;
};
[[nodiscard]] JudgedBatches judged_batches(const Policy& policy, const Watch& watch,
                                           std::size_t stream);

/// E_R in both forms, and what a promotion is decided by, of such batches.
[[nodiscard]] RegressionEvidence regression_of(const Policy& policy, const StreamPolicy& stream,
                                               const JudgedBatches& judged);
struct PromotionParts {
    double ln_promotion = 0;
    std::optional<double> ln_floor{};
    double ln_for_promotion = 0;
};
[[nodiscard]] PromotionParts promotion_of(const Policy& policy, const StreamPolicy& stream,
                                          const JudgedBatches& judged);

/// `watch` has at least one check.
[[nodiscard]] StreamEvidence evidence_of(const Policy& policy, const Watch& watch,
                                         std::size_t stream);

}  // namespace decklog::domain::gate
