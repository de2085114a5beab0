// One reader of the live stream, in the pull model: it asks for a piece when the piece before it
// was written, and gets what the log holds after its place. A slow reader is simply one that asks
// late; it catches up from disk and misses nothing, and no more than one piece of it is in memory.
// A reader with nothing to read waits; the hub looks at it again when something became durable and
// once a second, for its comment and for the end of its token. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/app.hpp"
#include "api/http.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {

struct LivePlace {
    store::EventFilter filter;
    std::uint64_t next_ordinal = 0;  // the first event that has not been read
    Principal principal;
};

class LiveReader : public std::enable_shared_from_this<LiveReader> {
  public:
    using Piece = std::function<void(std::optional<std::string>)>;
    LiveReader(const Core& core, LivePlace place);

    /// The client took what it got and can take more.
    void ask(Piece piece);
    /// Gives a waiting reader what there is for it; nothing to do otherwise.
    void look();
    /// Nobody reads any more.
    void close();

  private:
    struct Turn;
    [[nodiscard]] bool may_go_on() const;
    [[nodiscard]] std::optional<Turn> begin_turn();
    void read_on();
    [[nodiscard]] std::optional<std::string> read_piece(std::uint64_t head);
    void give(std::optional<std::string> piece);

    const Core* core_;
    LivePlace place_;  // only the turn in progress touches it
    std::mutex mutex_;
    Piece waiting_;
    bool begun_ = false;
    bool in_turn_ = false;  // from begin_turn until its piece is given: turns never overlap
    std::int64_t last_piece_us_ = 0;
};

}  // namespace decklog::api
