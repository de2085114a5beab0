// Requests that write go to the node that owns the partition: here when it is this one, else they
// are handed on to the owner that the log names, if it is one of our peers. So a load balancer
// needs to know nothing. Routes are wrapped once, when they are built.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/app.hpp"
#include "api/cluster/peers.hpp"

namespace decklog::api {

struct Ownership {
    bool is_ours = false;
    std::string url;  // of the owner, as the log says; may be empty
};

class Forwarding {
  public:
    /// `peers` outlive it. `run`: work that waits for another node, apart from the rest.
    Forwarding(const Peers& peers, std::function<Ownership()> ownership,
               std::function<void(std::function<void()>)> run)
        : peers_(peers), ownership_(std::move(ownership)), run_(std::move(run)) {}

    /// The same route, carried out by the owner.
    [[nodiscard]] Route at_the_owner(Route route) const;
    /// One request: by `here` when this node is the owner, else by the owner's route. Blocks.
    void carry_out(const Request& request, const Handler& here, const Reply& reply) const;

  private:
    [[nodiscard]] domain::Result<Answer> ask(const std::string& url, const Request& request) const;

    const Peers& peers_;
    const std::function<Ownership()> ownership_;
    const std::function<void(std::function<void()>)> run_;
};

}  // namespace decklog::api
