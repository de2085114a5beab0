// What a rollout's judge knows: the counts of every sealed check of one watch, and nothing else.
// All of it is stored in events, so a verdict can be reached again from the log alone. A watch is
// one stage: its error rates (alpha) and its horizon count for it as a whole, over all steps of the
// canary's weight. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/gate/batch.hpp"
#include "domain/gate/burn_rate.hpp"
#include "domain/gate/frozen_baseline.hpp"
#include "domain/gate/policy.hpp"
#include "domain/gate/verdict.hpp"

namespace decklog::domain::gate {

enum class Stage : std::uint8_t { shadow, canary, full };

/// One arm of a stream in the range of positions of one check. A unit counts in `units` until its
/// first error of the watch, the check of that error included; then it has left, because one
/// conversation that fails in every check is one failure.
struct ArmCounts {
    std::uint64_t units = 0;
    std::uint64_t errors = 0;     // of `units`: whose first error is in the range
    std::uint64_t attempted = 0;  // distinct units attempted in the range, those that left too
    std::uint64_t late = 0;       // of `attempted`: only by events of an earlier range's time
    bool operator==(const ArmCounts&) const = default;
};

struct StreamCounts {
    ArmCounts canary{};                 // in full: the release
    ArmCounts baseline{};               // the shadow
    std::optional<BurnWindows> burn{};  // in full
    bool operator==(const StreamCounts&) const = default;
};

/// Distinct units that the arms handled in the range, whatever the stream. The share check takes
/// each as assigned on its own: count a unit in the check where the watch saw it first.
struct HandledCounts {
    std::uint64_t canary = 0;
    std::uint64_t baseline = 0;
    bool operator==(const HandledCounts&) const = default;
};

struct SealedCheck {
    std::int64_t sealed_at_us = 0;  // recorded_at of the seal
    double canary_share = 0;        // planned, 0..1; 0: not known
    HandledCounts handled{};
    std::vector<StreamCounts> streams{};  // one a stream of the policy, in its order
    bool operator==(const SealedCheck&) const = default;
};

/// A verdict that stays.
struct Settled {
    Verdict verdict = Verdict::rollback;
    Reason reason = Reason::regression;
    std::string subject{};
    std::optional<std::uint64_t> cause{};
    bool operator==(const Settled&) const = default;
};

struct Watch {
    Stage stage = Stage::canary;
    std::int64_t began_at_us = 0;
    std::vector<FrozenBaseline> frozen{};  // one a stream, or empty: there are none
    std::vector<SealedCheck> checks{};     // each with as many streams as the policy has
    /// Checks in a row, up to the last one, in which everything was proven.
    std::uint32_t passes = 0;
    std::optional<Settled> settled{};
    bool operator==(const Watch&) const = default;
};

/// The same watch at the next weight: the evidence stays, since shares may change from check to
/// check; the proof has to stand again. A rollback stays a rollback.
[[nodiscard]] Watch next_step(Watch watch);

/// Is the stream held against a baseline that is over? At full there is no shadow any more: the
/// last good one takes its place. In shadow there is no canary to be held against anything.
[[nodiscard]] bool is_held_against_frozen(const StreamPolicy& stream, Stage stage);

/// Counts as a batch of the statistics; an error counts as attempted even if it was not counted so.
[[nodiscard]] Batch batch_of(const StreamCounts& counts);

/// What one stream counted over the watch, check by check.
[[nodiscard]] std::vector<Batch> batches_of(const Watch& watch, std::size_t stream);

/// Units that the shadow attempted in the watch; one that came in two checks counts in each.
[[nodiscard]] std::uint64_t shadow_exposure(const Watch& watch, std::size_t stream);

}  // namespace decklog::domain::gate
