// The version of this build, from the project file.
#pragma once

#include <string_view>

namespace decklog::api {

[[nodiscard]] std::string_view version();

}  // namespace decklog::api
