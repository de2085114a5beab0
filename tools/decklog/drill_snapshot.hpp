// What a drill keeps of the observability snapshot: that it shows platforms, agents and
// conversations. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

namespace decklog::cli {

/// `{windowHours, asOf, auditByPlatform, auditByAgent, auditByConversation}`, the first 10 rows of
/// each. nullopt: the answer lacks one of the three.
[[nodiscard]] std::optional<boost::json::object> snapshot_excerpt(std::string_view answer);

}  // namespace decklog::cli
