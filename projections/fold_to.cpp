#include "projections/fold_to.hpp"

#include <algorithm>

#include "projections/bulk_fold.hpp"
#include "projections/limits.hpp"

namespace decklog::projections {
namespace {

domain::Result<void> check(const Standing& standing) {
    if (!standing.stopped.empty())
        return domain::fail(domain::ErrorCode::stopped, standing.stopped);
    if (!standing.trouble.empty())
        return domain::fail(domain::ErrorCode::io, standing.trouble, true);
    return {};
}

}  // namespace

domain::Result<void> fold_to(const store::LogReader& log, const InstancePtr& instance,
                             const FoldTarget& target, std::size_t chunk_frames,
                             const Progress& go_on) {
    const BulkPace pace{std::min(chunk_frames, limits::kChunkFrames), [&](std::uint64_t next) {
                            return next >= target.next_ordinal || go_on(next, target.next_ordinal);
                        }};
    for (;;) {
        const std::uint64_t next = instance->standing().next_ordinal;
        if (!go_on(next, target.next_ordinal))
            return domain::fail(domain::ErrorCode::stopped, "ended before it was done", true);
        if (next >= target.next_ordinal) return {};
        auto folded =
            bulk_fold(log, target.partition, std::span(&instance, 1),
                      {target.next_ordinal, target.chain, limits::kRebuildPassWrites}, pace);
        if (!folded) return folded;
        const Standing standing = instance->standing();
        if (auto fine = check(standing); !fine) return fine;
        if (standing.next_ordinal == next)
            return domain::fail(domain::ErrorCode::corrupt,
                                "the log is shorter than what was folded");
    }
}

}  // namespace decklog::projections
