// The HTTP server: listeners, sessions, deadlines, drain. One io thread runs everything here;
// handlers may reply from any thread. What a request may do is decided by FrontDoor, what it
// answers by its route; here are only bytes and time.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "api/app.hpp"
#include "api/config.hpp"
#include "api/limits.hpp"
#include "domain/result.hpp"

namespace decklog::api {

struct ServerOptions {
    Address listen{"127.0.0.1", 0};
    std::optional<Address>
        hooks_listen;  // takes /hooks/* from the main address, and answers /live too
    std::chrono::milliseconds header = limits::kHeaderDeadline;
    std::chrono::milliseconds body = limits::kBodyDeadline;
    std::chrono::milliseconds keep_alive = limits::kKeepAliveDeadline;
    std::chrono::milliseconds write = limits::kWriteDeadline;
    std::chrono::milliseconds drain{5'000};  // still listening, not ready
    std::chrono::milliseconds finish = limits::kFinishDeadline;
    std::chrono::milliseconds tick{100};  // how often deadlines are looked at
    std::size_t connections_max = limits::kConnectionsMax;
    std::size_t streams_max = limits::kStreamsMax;
};

class Server {
  public:
    /// Binds and listens, and becomes what the app's `draining` asks. The app outlives the server.
    /// Errors: io, naming the address.
    [[nodiscard]] static domain::Result<std::unique_ptr<Server>> open(App& app,
                                                                      const ServerOptions& options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] Address address() const;  // as bound
    [[nodiscard]] std::optional<Address> hooks_address() const;

    /// Serves on the calling thread until drained or stopped.
    void run();
    /// Not ready at once, listening for `drain`, then in-flight work up to `finish`, then run()
    /// returns. Any thread.
    void drain();
    /// run() returns now. Any thread.
    void stop();
    [[nodiscard]] bool draining() const;

  private:
    struct Loop;
    explicit Server(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace decklog::api
