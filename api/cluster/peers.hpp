// The other nodes of a cluster, and how one of them is asked: as the principal who asked here,
// signed with the secret that the nodes share. Immutable; any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "api/config.hpp"
#include "api/http.hpp"
#include "domain/result.hpp"
#include "store/clock.hpp"

namespace decklog::api {

class Peers {
  public:
    /// All outlive it.
    Peers(const ClusterConfig& config, const store::Clock& clock, store::Random& random)
        : config_(config), clock_(clock), random_(random) {}

    /// By URL, without this one; none without a secret.
    [[nodiscard]] std::vector<std::string> others() const;
    [[nodiscard]] bool has(const std::string& url) const;
    /// The node's answer. Blocks. Errors: io; retryable where the request certainly did not reach
    /// the node.
    [[nodiscard]] domain::Result<Answer> ask(const std::string& url, const Request& request,
                                             std::chrono::milliseconds deadline) const;

  private:
    const ClusterConfig& config_;
    const store::Clock& clock_;
    store::Random& random_;
};

}  // namespace decklog::api
