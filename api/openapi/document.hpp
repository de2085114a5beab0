// docs/openapi.yaml as JSON, made when decklog is built.
#pragma once

#include <string_view>

namespace decklog::api {

[[nodiscard]] std::string_view openapi_document();

}  // namespace decklog::api
