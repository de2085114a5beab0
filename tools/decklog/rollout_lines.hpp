// A rollout as a person reads it. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::cli {

/// `name  value` of an answer of /api/rollouts/{id}: of each gate and each kind of drill its last
/// result, and the override while it is in force at `now` (RFC 3339 in UTC with microseconds, as
/// the server writes times). Those lines have at most 100 columns, other texts stand whole.
[[nodiscard]] std::vector<std::string> rollout_lines(const boost::json::object& rollout,
                                                     std::string_view now);

}  // namespace decklog::cli
