// What a node says to the owner when it hands a request on: the request, who asked, when, and a
// signature over all of it under the secret that the nodes share (design §7). Headers:
//
//   Decklog-Forwarded: TIME_US NONCE BODY_HASH
//   Decklog-Principal: {"role":…,"id":…,"name":…,"personal":…,"account"?:…,"gate"?:…,"chat"?:…}
//   Decklog-Signature: HMAC-SHA256, hex
//
// The signature covers method, target, every header that is passed on, the hash of the body, the
// principal, time and nonce. A signature counts once and for a minute. What was handed on is not
// handed on again.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include "api/http.hpp"
#include "store/clock.hpp"

namespace decklog::api {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// Path and query as they go over the wire again.
[[nodiscard]] std::string target_of(const Request& request);
/// The headers of a request that mean something beyond its connection, by name.
[[nodiscard]] HeaderList passed_on(const Request& request);

/// The three headers.
[[nodiscard]] HeaderList sign_forwarded(std::string_view secret, const Request& request,
                                        std::int64_t now_us, store::Random& random);

[[nodiscard]] std::string body_hash(std::string_view body);
/// Of a request that was handed on: the body is the one that was signed for.
[[nodiscard]] inline bool holds_its_body(const Request& request) {
    return !request.forwarded || request.forwarded->body_hash == body_hash(request.body);
}

/// Checks signatures of requests. Any thread.
class ForwardedRequests {
  public:
    ForwardedRequests(std::string secret, const store::Clock& clock)
        : secret_(std::move(secret)), clock_(clock) {}
    /// nullopt: it was not forwarded, or its signature does not hold.
    [[nodiscard]] std::optional<Forwarded> check(const Request& request);

  private:
    [[nodiscard]] bool is_first(const std::string& nonce, std::int64_t now_us);
    const std::string secret_;
    const store::Clock& clock_;
    std::mutex mutex_;
    std::int64_t young_since_us_ = 0;
    std::unordered_set<std::string> young_, old_;  // nonces that were seen
};

}  // namespace decklog::api
