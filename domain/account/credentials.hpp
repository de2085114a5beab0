// Credentials of a platform account as references: which key a service looks for, and the name of
// the variable that holds it where the service runs. A secret itself never comes this far: whatever
// is no reference is taken for one and refused. Pure, any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"

namespace decklog::domain {

struct Credential {
    std::string key;  // passwordRef
    std::string ref;  // env:ROOMIES_PASSWORD
    bool operator==(const Credential&) const = default;
};

/// The name in `env:NAME`, a letter or underscore and up to 127 more of these and digits; nullopt:
/// not such a reference.
[[nodiscard]] std::optional<std::string_view> variable_of(std::string_view ref);

/// A set of references that a service can sign in with: a session, a stored browser state, a
/// profile directory, or a login with its password. None at all is a set too: an account that is
/// not signed in yet. Rejections, each naming `credentials` or `credentials.KEY`: unknown_field (a
/// key no service knows), CREDENTIAL_PLAINTEXT_FORBIDDEN (a value that is no reference),
/// CREDENTIAL_MISSING (not enough to sign in with).
[[nodiscard]] Decision<void> check_credentials(std::span<const Credential> credentials);

}  // namespace decklog::domain
