// One reader of the live stream, in the pull model: it asks for a piece when the piece before it
// was written, and gets what the log holds after its place: from memory while it keeps up, from
// disk when it is behind. A slow reader is simply one that asks late; it misses nothing, and no
// more than one piece of it is in memory. A reader with nothing to read waits; the hub looks at it
// again when something became durable and once a second, for its comment and for the end of its
// token.
//
// A turn reads a bounded stretch of the log, so that a filter that matches nothing in ten million
// events neither holds a thread nor falls silent. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/app.hpp"
#include "api/http.hpp"
#include "api/live/live_news.hpp"
#include "api/live/live_stretch.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {

struct LivePlace {
    /// By partition, as read_event_filters gives them.
    std::vector<store::EventFilter> filters;
    /// By partition: the first event that has not been read.
    std::vector<std::uint64_t> next_ordinals;
    Principal principal;
    /// Reads the filter again before every turn, when what it means changes with the log: a person
    /// who is a stranger when the stream opens becomes a subject with the first message, and a time
    /// as a bound lies somewhere else in a longer log. Empty: it stands.
    std::function<domain::Result<std::vector<store::EventFilter>>()> renew{};
};

class LiveReader : public std::enable_shared_from_this<LiveReader> {
  public:
    using Piece = std::function<void(std::optional<std::string>)>;
    /// What a reader asks of the hub.
    struct Hub {
        /// Runs `read` of the reader on a thread that may block.
        std::function<void(std::shared_ptr<LiveReader>)> read_later;
        /// Looks at all readers soon.
        std::function<void()> ring;
        std::shared_ptr<const LiveNews> news;
    };
    LiveReader(const Core& core, Hub hub, LivePlace place);

    /// The client took what it got and can take more.
    void ask(Piece piece);
    /// Gives a waiting reader what there is for it; nothing to do otherwise. True: there is
    /// something, but so little and so soon after the piece before that it may wait for more.
    [[nodiscard]] bool look();
    /// The turn that `look` put off.
    void read();
    /// Ends the stream of a turn that failed.
    void fail();
    /// Nobody reads any more.
    void close();

  private:
    struct Turn;
    using SteadyTime = std::chrono::steady_clock::time_point;
    [[nodiscard]] bool may_go_on() const;
    [[nodiscard]] bool may_gather() const;
    [[nodiscard]] Turn begin_turn();
    [[nodiscard]] std::string place_line() const;
    /// That are durable and were not read, in all partitions.
    [[nodiscard]] std::uint64_t events_ahead() const;
    [[nodiscard]] domain::Result<std::string> read_piece();
    [[nodiscard]] std::string write_piece(const std::vector<LiveStretch>& stretches);
    [[nodiscard]] std::string id_line() const;
    void give(std::optional<std::string> piece);

    const Core* core_;
    const Hub hub_;
    LivePlace place_;  // only the turn in progress touches it
    std::mutex mutex_;
    Piece waiting_;
    bool begun_ = false;
    bool in_turn_ = false;  // from begin_turn until its piece is given: turns never overlap
    std::int64_t last_piece_us_ = 0;
    SteadyTime last_piece_at_{};
};

}  // namespace decklog::api
