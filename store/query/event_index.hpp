// Which index answers a filter: the narrowest that one of its kinds names. Stream, correlation,
// conversation, action, type, in this order. Pure, any thread.
#pragma once

#include <vector>

#include "store/query/event_query.hpp"

namespace decklog::store {

/// Index scans, all in log order, that together lead to every event the filter matches, and to
/// others. Empty: no index in log order fits.
[[nodiscard]] std::vector<IndexKey> index_keys(const EventFilter& filter);

}  // namespace decklog::store
