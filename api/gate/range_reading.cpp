#include "api/gate/range_reading.hpp"

#include <thread>

#include "projections/frame_feed.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;
constexpr std::size_t kBytesAChunk = 1U << 21U;  // the feed holds eight of them

/// Frames from `from` to `to` for the follower of `feed`, until it leaves.
domain::Result<void> read_ahead(const store::LogReader& log, std::uint64_t from, std::uint64_t to,
                                projections::FrameFeed& feed) {
    projections::FrameChunk chunk;
    bool is_wanted = true;
    auto done = log.read({kPartition, from}, [&](const store::FramePtr& frame) {
        chunk.frames.push_back(frame);
        chunk.bytes += frame->bytes().size();
        const bool is_last = frame->last().ordinal >= to;
        if (is_last || chunk.bytes >= kBytesAChunk) {
            is_wanted = feed.push(std::move(chunk));
            chunk = {};
        }
        return is_wanted && !is_last;
    });
    if (done && is_wanted && !chunk.frames.empty()) static_cast<void>(feed.push(std::move(chunk)));
    feed.close();
    return done;
}

}  // namespace

domain::Result<std::uint64_t> read_range(
    const store::LogReader& log, std::uint64_t from, std::uint64_t to,
    const std::function<bool(std::uint64_t, std::uint64_t)>& progress,
    const std::function<void(const domain::EventView&)>& sink) {
    projections::FrameFeed feed(1);
    domain::Result<void> done;
    struct Reader {
        projections::FrameFeed& feed;
        std::thread thread;
        void end() {
            feed.leave(0);
            if (thread.joinable()) thread.join();
        }
        ~Reader() { end(); }
    } reader{feed, std::thread([&] { done = read_ahead(log, from, to, feed); })};
    std::uint64_t events = 0;
    bool is_wanted = true;
    while (const projections::FrameChunk* chunk = is_wanted ? feed.next(0) : nullptr) {
        for (const store::FramePtr& frame : chunk->frames) {
            for (std::size_t i = 0; i < frame->event_count(); ++i) {
                const std::uint64_t ordinal = frame->first().ordinal + i;
                if (ordinal < from || ordinal > to) continue;
                sink(frame->event(i));
                ++events;
            }
        }
        if (progress) is_wanted = progress(events, to - from + 1);
    }
    reader.end();
    if (!done) return tl::unexpected(done.error());
    if (!is_wanted) return domain::fail(domain::ErrorCode::stopped, "ended", true);
    return events;
}

}  // namespace decklog::api
