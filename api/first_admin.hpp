// The first admin token: made when the log has never had one, so that a new server can be used at
// all. It goes to DIR/admin-token (0600), never to a log. A restart makes no second one, even if
// the first was revoked.
#pragma once

#include <optional>
#include <string>

#include "api/app.hpp"
#include "domain/result.hpp"

namespace decklog::api {

inline constexpr const char* kAdminTokenFile = "admin-token";

/// The new token, or nullopt when this is not the first start. The file is written before the
/// event: a crash in between leaves a file that the next start replaces, never an admin whom nobody
/// can be.
[[nodiscard]] domain::Result<std::optional<std::string>> ensure_first_admin(App& app);

}  // namespace decklog::api
