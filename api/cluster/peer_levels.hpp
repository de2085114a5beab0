// Before the level of a cluster's log is raised: does every other node know it? Asked of the nodes,
// since only owners say in the log what they know.
#pragma once

#include <cstdint>
#include <optional>

#include "api/cluster/peers.hpp"

namespace decklog::api {

/// The refusal, naming the first node that does not know the level or does not answer; nullopt: all
/// know it. Blocks, up to two seconds a node. `on_behalf`: whose order it is.
[[nodiscard]] std::optional<Answer> refusal_of_peers(const Peers& peers, std::uint32_t level,
                                                     const Request& on_behalf);

}  // namespace decklog::api
