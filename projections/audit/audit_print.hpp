// The rows of the audit view as flat JSON objects in key order, for `decklog replay`: days first,
// then hours and minutes, then single events, states and totals. Every number is resolved to its
// word. Any thread.
#pragma once

#include <functional>

#include <boost/json/object.hpp>

#include "projections/rows.hpp"

namespace decklog::projections::audit {

void print(const RowReader& rows, std::uint32_t partition,
           const std::function<bool(boost::json::object)>& sink);

}  // namespace decklog::projections::audit
