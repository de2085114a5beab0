// Who answers a command: a running server over HTTP, or this process with the files open under
// LOCK. Both answer the same requests, so a command is written once and prints the same either way.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/result.hpp"

namespace decklog::cli {

struct Call {
    std::string method = "GET";
    std::string path;
    std::vector<std::pair<std::string, std::string>> query{};
    std::string body{};                             // JSON; empty: none
    bool lines = false;                             // ask for NDJSON where the route has a choice
    std::string content_type = "application/json";  // of the body
    std::string view{};  // the answer is made from it: opened files wait until it has caught up
};

struct Response {
    int status = 0;
    std::string body;  // empty when a sink took it
};

/// Gets successful bodies piece by piece; returns false to stop.
using BodySink = std::function<bool(std::string_view)>;

class Backend {
  public:
    virtual ~Backend() = default;
    /// Errors: io when nobody answers. A refusal is a Response with its status.
    [[nodiscard]] virtual domain::Result<Response> call(const Call& call, const BodySink& sink) = 0;
    [[nodiscard]] domain::Result<Response> call(const Call& request) {
        return call(request, nullptr);
    }
    /// False when the files are open in this process: nothing new can come, so nothing can be
    /// followed.
    [[nodiscard]] virtual bool is_live() const = 0;
};

struct Where {
    std::string data = "decklog-data";
    std::string url;  // given: ask this server
    std::string token;
};

/// Empty when `url` can be a server's: http or https, and a host. Else what to give.
[[nodiscard]] std::string problem_of_url(const std::string& url);
/// The server at `url` (asked by nobody until the first call).
[[nodiscard]] std::unique_ptr<Backend> make_http_backend(std::string url, std::string token);
/// Takes DIR/LOCK and opens the files. Errors as App::open.
[[nodiscard]] domain::Result<std::unique_ptr<Backend>> make_local_backend(const std::string& data);
/// --url, or the server that holds DIR/LOCK by its DIR/server.json when it answers; null: neither.
[[nodiscard]] std::unique_ptr<Backend> running_server(const Where& where);
/// The running server, else the files themselves.
[[nodiscard]] domain::Result<std::unique_ptr<Backend>> choose_backend(const Where& where);

}  // namespace decklog::cli
