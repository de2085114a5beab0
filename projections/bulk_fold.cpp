#include "projections/bulk_fold.hpp"

#include <thread>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "projections/frame_feed.hpp"
#include "projections/limits.hpp"
#include "store/rows/keys.hpp"

namespace decklog::projections {
namespace {

/// Reads frames into chunks, and says where rows can be written.
class Reading {
  public:
    Reading(const store::LogReader& log, domain::Position from, const BulkEnd& end,
            const BulkPace& pace, FrameFeed& feed)
        : log_(log),
          end_(end),
          pace_(pace),
          feed_(feed),
          partition_(from.partition),
          next_(from.ordinal) {}

    domain::Result<void> run() {
        const auto done = log_.read({partition_, next_}, [this](const store::FramePtr& frame) {
            return frame->first().ordinal < end_.next_ordinal && take(frame);
        });
        if (!done) return done;
        if (outcome_ && !chunk_.frames.empty()) push_with_chain();
        return outcome_;
    }

  private:
    bool take(const store::FramePtr& frame) {
        const std::uint64_t first = frame->first().ordinal;
        if (first != next_) {
            outcome_ = domain::fail(domain::ErrorCode::corrupt,
                                    fmt::format("no frame begins at {}:{}", partition_, next_));
            return false;
        }
        next_ = frame->last().ordinal + 1;
        chunk_.frames.push_back(frame);
        chunk_.bytes += frame->bytes().size();
        if (next_ >= end_.next_ordinal || store::keeps_head(first, next_))
            return push_with_chain() && ++writes_ < end_.writes_max;
        const bool full =
            chunk_.frames.size() >= pace_.chunk_frames || chunk_.bytes >= limits::kChunkBytes;
        return !full || push();
    }

    bool push_with_chain() {
        if (next_ == end_.next_ordinal && end_.chain) {
            chunk_.chain = *end_.chain;
        } else {
            auto chain = log_.chain_before({partition_, next_});
            if (!chain) {
                outcome_ = tl::unexpected(std::move(chain).error());
                return false;
            }
            chunk_.chain = *chain;
        }
        return push();
    }

    bool push() {
        FrameChunk full = std::exchange(chunk_, {});
        chunk_.frames.reserve(pace_.chunk_frames);
        if (!feed_.push(std::move(full))) return false;
        if (!pace_.go_on || pace_.go_on(next_)) return true;
        outcome_ = domain::fail(domain::ErrorCode::stopped, "ended before it was done", true);
        return false;
    }

    const store::LogReader& log_;
    const BulkEnd& end_;
    const BulkPace& pace_;
    FrameFeed& feed_;
    const std::uint32_t partition_;
    std::uint64_t next_;
    std::size_t writes_ = 0;
    FrameChunk chunk_;
    domain::Result<void> outcome_;
};

/// True when the instance goes on after the chunk.
bool fold(Instance& instance, const FrameChunk& chunk, const store::LogReader& log) {
    const std::size_t taken = instance.take(chunk.frames);
    if (taken == chunk.frames.size() && !chunk.chain) return true;
    domain::Result<domain::Bytes32> chain = chunk.chain.value_or(domain::Bytes32{});
    // It stops in the middle, where the chain head has to be made.
    if (taken < chunk.frames.size()) chain = log.chain_before(chunk.frames[taken]->first());
    if (!chain) {
        instance.drop_taken();
        instance.trouble_with("log: " + chain.error().context);
        return false;
    }
    instance.commit(*chain);
    const Standing standing = instance.standing();
    return standing.stopped.empty() && standing.trouble.empty();
}

void follow(Instance& instance, FrameFeed& feed, std::size_t follower,
            const store::LogReader& log) {
    while (const FrameChunk* chunk = feed.next(follower)) {
        if (!fold(instance, *chunk, log)) break;
    }
    feed.leave(follower);
    instance.drop_taken();  // after an error of the log; else nothing
}

}  // namespace

domain::Result<void> bulk_fold(const store::LogReader& log, std::uint32_t partition,
                               std::span<const InstancePtr> instances, const BulkEnd& end,
                               const BulkPace& pace) {
    FrameFeed feed(instances.size());
    std::vector<std::jthread> followers;
    for (std::size_t i = 0; i < instances.size(); ++i) {
        followers.emplace_back([&, i] { follow(*instances[i], feed, i, log); });
    }
    const auto read =
        Reading(log, {partition, instances.front()->standing().next_ordinal}, end, pace, feed)
            .run();
    feed.close();
    followers.clear();  // joins
    return read;
}

}  // namespace decklog::projections
