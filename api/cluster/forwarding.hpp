// Requests that write go to the node that owns the partition: here when it is this one, else they
// are handed on to the owner that the log names, if it is one of our peers. So a load balancer
// needs to know nothing. Routes are wrapped once, when they are built.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/app.hpp"
#include "api/cluster/forward_signature.hpp"
#include "api/config.hpp"

namespace decklog::api {

struct Ownership {
    bool is_ours = false;
    std::string url;  // of the owner, as the log says; may be empty
};

class Forwarding {
  public:
    /// `core` and `config` outlive it. `run`: work that waits for another node, apart from the
    /// rest.
    Forwarding(const Core& core, const ClusterConfig& config, std::function<Ownership()> ownership,
               std::function<void(std::function<void()>)> run)
        : core_(core), config_(config), ownership_(std::move(ownership)), run_(std::move(run)) {}

    /// The same route, carried out by the owner.
    [[nodiscard]] Route at_the_owner(Route route) const;

  private:
    void carry_out(const Request& request, const Handler& here, const Reply& reply) const;
    [[nodiscard]] bool is_peer(const std::string& url) const;
    [[nodiscard]] domain::Result<Answer> ask(const std::string& url, const Request& request) const;

    const Core& core_;
    const ClusterConfig& config_;
    const std::function<Ownership()> ownership_;
    const std::function<void(std::function<void()>)> run_;
};

}  // namespace decklog::api
