// Asks another node: one HTTP request, whole, within a deadline. Blocks. Any thread.
#pragma once

#include <chrono>
#include <string>

#include "api/cluster/forward_signature.hpp"
#include "domain/result.hpp"

namespace decklog::api {

struct NodeCall {
    std::string url;  // of the node, without a slash at its end
    std::string verb;
    std::string target;
    HeaderList headers;
    std::string body;
};

/// The node's answer with the headers that are its client's. Errors: io; retryable where the
/// request certainly did not reach the node.
[[nodiscard]] domain::Result<Answer> ask_node(const NodeCall& call,
                                              std::chrono::milliseconds deadline);

}  // namespace decklog::api
