// Raw bodies of somebody who is erased, in a partition that another node writes: the node that
// erases asks that one to take them away, as part of the erasure. Any thread that may block.
#pragma once

#include <string_view>

#include "api/app.hpp"
#include "api/http.hpp"
#include "store/erasure/bodies.hpp"

namespace decklog::api {

/// Between nodes alone.
inline constexpr std::string_view kErasedBodiesPath = "/api/cluster/erased-bodies";

/// Has the node that writes their partition take them away, this one if it does; what that said.
[[nodiscard]] store::Answer take_where_written(const Core& core, const store::BodiesToTake& bodies);

/// What another node asks for: answered where the partition is written.
[[nodiscard]] Answer take_for_node(const Core& core, const Request& request);

}  // namespace decklog::api
