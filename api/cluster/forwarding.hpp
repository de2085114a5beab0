// Requests that write go to the node that owns the partition of their workspace: here when it is
// this one, else they are handed on to the owner that the log names, if it is one of our peers. So
// a load balancer needs to know nothing. A workspace that has no place yet is given one by the
// owner of partition 0. Routes are wrapped once, when they are built.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/app.hpp"
#include "api/cluster/peers.hpp"
#include "store/places/places.hpp"

namespace decklog::api {

struct Ownership {
    bool is_ours = false;
    std::string url;  // of the owner, as the log says; may be empty
};

class Forwarding {
  public:
    /// `peers` and `places` outlive it. `ownership` of a partition. `run`: work that waits for
    /// another node, apart from the rest.
    Forwarding(const Peers& peers, store::Places& places,
               std::function<Ownership(std::uint32_t partition)> ownership,
               std::function<void(std::function<void()>)> run)
        : peers_(peers), places_(places), ownership_(std::move(ownership)), run_(std::move(run)) {}

    /// The same route, carried out by the owner.
    [[nodiscard]] Route at_the_owner(Route route) const;
    /// One request that writes into `workspace`: by `here` when this node is the owner, else by the
    /// owner's route. Blocks.
    void carry_out(const std::string& workspace, const Request& request, const Handler& here,
                   const Reply& reply) const;

  private:
    [[nodiscard]] bool is_ours(const std::string& workspace) const;
    [[nodiscard]] domain::Result<Answer> ask(const std::string& url, const Request& request) const;

    const Peers& peers_;
    store::Places& places_;
    const std::function<Ownership(std::uint32_t)> ownership_;
    const std::function<void(std::function<void()>)> run_;
};

}  // namespace decklog::api
