#include "projections/batch.hpp"

#include <utility>

#include <spdlog/fmt/fmt.h>

namespace decklog::projections {

bool Batch::add(store::FramePtr frame, const BatchLimits& limits) {
    const std::size_t events = events_ + frame->event_count();
    const std::size_t bytes = bytes_ + frame->bytes().size();
    if (!frames_.empty() && (events > limits.events_max || bytes > limits.bytes_max)) return false;
    frames_.push_back(std::move(frame));
    events_ = events;
    bytes_ = bytes;
    return true;
}

domain::Result<Batch> read_batch(const store::LogReader& log, domain::Position from,
                                 std::uint64_t end, const BatchLimits& limits) {
    Batch batch;
    if (from.ordinal >= end) return batch;
    std::uint64_t expected = from.ordinal;
    bool dense = true;
    const auto done = log.read(from, [&](const store::FramePtr& frame) {
        if (frame->first().ordinal >= end) return false;
        dense = frame->first().ordinal == expected;
        expected = frame->last().ordinal + 1;
        return dense && batch.add(frame, limits);
    });
    if (!done) return tl::unexpected(done.error());
    if (!dense) {
        return domain::fail(domain::ErrorCode::corrupt,
                            fmt::format("no frame begins at {}:{}", from.partition, expected));
    }
    return batch;
}

domain::Bytes32 chain_after(domain::Bytes32 chain, std::span<const store::FramePtr> frames) {
    for (const auto& frame : frames) chain = store::chain_step(chain, *frame);
    return chain;
}

}  // namespace decklog::projections
