#include "domain/gate/watch.hpp"

#include <algorithm>
#include <utility>

namespace decklog::domain::gate {

Watch next_step(Watch watch) {
    watch.passes = 0;
    if (watch.settled && watch.settled->verdict == Verdict::promote) watch.settled.reset();
    return watch;
}

bool is_held_against_frozen(const StreamPolicy& stream, Stage stage) {
    if (stream.baseline == BaselineKind::concurrent) return stage == Stage::full;
    return stream.baseline == BaselineKind::previous && stage != Stage::shadow;
}

Batch batch_of(const StreamCounts& counts) {
    const auto units = [](const ArmCounts& arm) {
        return static_cast<double>(std::max(arm.units, arm.errors));
    };
    return {units(counts.canary), static_cast<double>(counts.canary.errors), units(counts.baseline),
            static_cast<double>(counts.baseline.errors)};
}

std::vector<Batch> batches_of(const Watch& watch, std::size_t stream) {
    std::vector<Batch> batches;
    batches.reserve(watch.checks.size());
    for (const SealedCheck& check : watch.checks)
        batches.push_back(batch_of(check.streams[stream]));
    return batches;
}

std::uint64_t shadow_exposure(const Watch& watch, std::size_t stream) {
    std::uint64_t units = 0;
    for (const SealedCheck& check : watch.checks) units += check.streams[stream].baseline.attempted;
    return units;
}

}  // namespace decklog::domain::gate
