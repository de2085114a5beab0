// One connection: reads a request, asks the front door, gives the request to its route, writes the
// answer, again and again. All members run on the io thread; replies, pieces and "more lines"
// arrive from any thread and are posted there.
//
// Invariant: at most one of reading, handling and writing is going on, except that a live stream
// also watches for its client leaving. Deadlines are kept by `check`, called by the server's tick,
// so that a slow header can still be answered.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "api/auth/token_book.hpp"
#include "api/front_door.hpp"
#include "api/metrics.hpp"
#include "api/server.hpp"

namespace decklog::api {

/// What the sessions of a server share. Counters: io thread.
struct SessionSite {
    const ServerOptions* options = nullptr;
    const TokenBook* tokens = nullptr;
    Metrics* metrics = nullptr;
    std::size_t streams = 0;
    std::size_t body_bytes = 0;  // of all bodies being read
    bool is_finishing = false;   // answers close their connections
};

class Session {
  public:
    using Clock = std::chrono::steady_clock;
    virtual ~Session() = default;
    /// `is_surplus`: beyond the connection limit; its first request is answered 503.
    virtual void start(bool is_surplus) = 0;
    /// Looks at the deadline and at the token of a stream.
    virtual void check(Clock::time_point now) = 0;
    /// Closes when idle or streaming; else after the answer in progress.
    virtual void finish() = 0;
    virtual void close() = 0;
    /// Of a live stream: bytes taken from its source that the socket has not taken yet.
    [[nodiscard]] virtual std::size_t pending_bytes() const = 0;
};

/// `loop` is what the socket lives on; the session keeps it, since a handler may hold a reply
/// longer than the server lives. `on_closed` is called once, on the io thread.
[[nodiscard]] std::shared_ptr<Session> make_session(std::shared_ptr<void> loop,
                                                    boost::asio::ip::tcp::socket socket,
                                                    SessionSite& site, const FrontDoor& door,
                                                    std::function<void(Session*)> on_closed);

}  // namespace decklog::api
