#include "projections/fold_to.hpp"

namespace decklog::projections {
namespace {

domain::Result<void> check(const Standing& standing) {
    if (!standing.stopped.empty())
        return domain::fail(domain::ErrorCode::stopped, standing.stopped);
    if (!standing.trouble.empty())
        return domain::fail(domain::ErrorCode::io, standing.trouble, true);
    return {};
}

domain::Bytes32 chain_at_end(const Instance& instance, const Batch& batch,
                             const FoldTarget& target) {
    if (batch.next_ordinal() == target.next_ordinal) return target.chain;
    if (!target.chain_on_the_way) return {};
    return chain_after(instance.standing().chain, batch.frames());
}

}  // namespace

domain::Result<void> fold_to(const store::LogReader& log, Instance& instance,
                             const FoldTarget& target, const BatchLimits& limits,
                             const Progress& go_on) {
    for (;;) {
        const std::uint64_t next = instance.standing().next_ordinal;
        if (!go_on(next, target.next_ordinal))
            return domain::fail(domain::ErrorCode::stopped, "ended before it was done", true);
        if (next >= target.next_ordinal) return {};
        const auto batch = read_batch(log, next, target.next_ordinal, limits);
        if (!batch) return tl::unexpected(batch.error());
        if (batch->empty())
            return domain::fail(domain::ErrorCode::corrupt,
                                "the log is shorter than what was folded");
        const auto events = batch->views();
        instance.advance({*batch, events, chain_at_end(instance, *batch, target)});
        if (auto fine = check(instance.standing()); !fine) return fine;
    }
}

}  // namespace decklog::projections
