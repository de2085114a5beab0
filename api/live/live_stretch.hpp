// What a reader of the live stream finds in one partition in one turn: the events that match in a
// bounded stretch behind its place, from memory while it keeps up, else from the log. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "api/live/live_news.hpp"
#include "domain/result.hpp"
#include "store/query/event_query.hpp"
#include "store/query/merge_order.hpp"

namespace decklog::api {

struct LiveStretch {
    struct Found {
        store::FramePtr frame;  // null: it is in `news`
        LiveFramePtr news;
        std::size_t index = 0;

        [[nodiscard]] const store::Frame& in() const { return news ? news->frame() : *frame; }
        [[nodiscard]] domain::EventView event() const { return in().event(index); }
        /// As the stream shows it.
        [[nodiscard]] std::string text(const Core& core, bool opens_sealed) const;
    };
    std::vector<Found> events;
    std::uint64_t read_to = 0;  // the first event that was not looked at
    store::PartitionTimes times;
};

/// `place`: the first event that was not read. `filter`: of its partition.
[[nodiscard]] domain::Result<LiveStretch> read_live_stretch(const Core& core, const LiveNews& news,
                                                            const store::EventFilter& filter,
                                                            domain::Position place);

}  // namespace decklog::api
