// Raw bytes on a connection to the real server: header, framing, chunks, pipelined requests, lines.
// Whatever comes, the server answers or closes, and the next connection is served.
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <thread>

#include "api/routes/routes.hpp"
#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace decklog;

namespace {

constexpr std::uint8_t kHosts = 200;  // a second makes more connections than one has ports for

struct Site {
    Site() {
        app.add(api::testing::echo_route(api::Method::get, "/echo", 1'024));
        app.add(api::testing::echo_route(api::Method::post, "/echo", 65'536));
        app.add(api::testing::echo_route(api::Method::post, "/hooks/{platform}", 65'536));
        app.add(api::testing::echo_route(api::Method::get, "/guarded", 1'024, api::Access::viewer));
        server.emplace(app);
    }
    api::testing::SmallApp app;
    std::optional<api::testing::RunningServer> server;
};

/// Connected, for ten seconds of trying at the most: the kernel has only so many connections that
/// are over, and turns a new one away now and then when it has reached them.
std::unique_ptr<api::testing::RawClient> connected_to(std::uint16_t port) {
    constexpr int kTries = 100;
    static std::uint8_t host = 0;
    for (int i = 0;; ++i) {
        host = host % kHosts + 1;
        auto client = std::make_unique<api::testing::RawClient>(port, host);
        if (client->is_connected() || i == kTries) return client;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Site& site = *new Site;  // lives as long as the process, its threads too
    const auto client = connected_to(site.server->port());
    fuzz::require(client->is_connected(), "the server takes connections");
    client->send(fuzz::text_of(data, size));
    client->end_sending();
    fuzz::require(client->is_closed(), "the server answers or closes");
    return 0;
}
