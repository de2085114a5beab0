// Independent pieces of one job done by as many threads as there are processors, the caller's among
// them.
#pragma once

#include <cstddef>
#include <functional>

namespace decklog::store {

/// Calls `piece(i)` once for each i below `count`, several at a time, and returns when all are
/// done. `piece` does not throw, and its calls share nothing that one of them writes.
void share_work(std::size_t count, const std::function<void(std::size_t)>& piece);

}  // namespace decklog::store
