// What a drill keeps of the observability snapshot: that it shows platforms, agents and
// conversations. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace decklog::cli {

/// `{windowHours, asOf, auditByPlatform, auditByAgent, auditByConversation}`, the first 10 rows of
/// each. nullopt: the answer lacks one of the three.
[[nodiscard]] std::optional<boost::json::object> snapshot_excerpt(std::string_view answer);

/// `by platform, by agent, by conversation`: those lists of an excerpt that show nothing. Empty:
/// each has a row.
[[nodiscard]] std::string lists_without_rows(const boost::json::object& excerpt);

}  // namespace decklog::cli
