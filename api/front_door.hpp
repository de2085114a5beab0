// Everything that is decided about a request between its header and its body, without a socket:
// target, request id, trace, route, who asks, what body may come. In this order, so that nobody who
// may not ask can make the server read a body. Immutable once built; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/auth/token_book.hpp"
#include "api/cluster/forward_signature.hpp"
#include "api/http.hpp"
#include "api/proxies.hpp"
#include "api/router.hpp"
#include "store/clock.hpp"

namespace decklog::api {

/// A request header as it came.
struct RequestHead {
    std::string verb;
    std::string target;
    bool is_http_1_1 = true;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::optional<std::uint64_t> content_length;
    bool is_chunked = false;
    std::string peer;  // address at the other end of the socket
};

struct Admission {
    Request request;                // complete but for the body
    const Route* route = nullptr;   // null: nothing took it
    std::optional<Answer> refusal;  // set: answer this
    bool is_head = false;           // answer without the body
    bool by_lines = false;          // the body goes to handle_lines
    bool expects_continue = false;  // the client waits for "100 Continue"
};

[[nodiscard]] Answer body_too_large_answer(const Route& route);

class FrontDoor {
  public:
    /// All outlive the door.
    /// `forwarded`: of a cluster; else null.
    FrontDoor(Router router, const TokenBook& tokens, const TrustedProxies& proxies,
              store::Random& random, ForwardedRequests* forwarded = nullptr)
        : router_(std::move(router)),
          tokens_(tokens),
          proxies_(proxies),
          random_(random),
          forwarded_(forwarded) {}

    [[nodiscard]] Admission admit(RequestHead head) const;
    /// A request of which nothing is known: its header could not be read. It still has an id and a
    /// trace.
    [[nodiscard]] Request anonymous() const;

  private:
    [[nodiscard]] Request named(RequestHead& head) const;
    [[nodiscard]] std::optional<Answer> find_route(const RequestHead& head,
                                                   Admission& admission) const;
    [[nodiscard]] std::optional<Answer> ask_who(Admission& admission) const;

    Router router_;
    const TokenBook& tokens_;
    const TrustedProxies& proxies_;
    store::Random& random_;
    ForwardedRequests* forwarded_;
};

}  // namespace decklog::api
