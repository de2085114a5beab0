// Raw bytes on a connection to the real server: header, framing, chunks, pipelined requests, lines.
// Whatever comes, the server answers or closes, and the next connection is served.
#include <sys/socket.h>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Site& site = *new Site;  // lives as long as the process, its threads too
    static std::uint8_t host = 0;
    host = host % kHosts + 1;
    api::testing::RawClient client(site.server->port(), host);
    fuzz::require(client.is_connected(), "the server takes connections");
    client.send(fuzz::text_of(data, size));
    client.end_sending();
    fuzz::require(client.is_closed(), "the server answers or closes");
    return 0;
}
