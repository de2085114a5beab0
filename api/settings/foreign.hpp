// Variables that the runbooks of the services name and that decklog has no use for. When one is set
// it is named once at start, so that nobody believes it to be in force (docs/configuration.md lists
// them).
#pragma once

#include <span>
#include <string_view>

namespace decklog::api {

[[nodiscard]] std::span<const std::string_view> foreign_variables();

}  // namespace decklog::api
