#include "api/version.hpp"

namespace decklog::api {

std::string_view version() { return DECKLOG_API_VERSION; }

}  // namespace decklog::api
