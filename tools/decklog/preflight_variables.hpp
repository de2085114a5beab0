// What is deployed, against a profile: its variables, the provider, the credentials of platforms.
// Values are compared and never leave. Pure, any thread.
#pragma once

#include <string>
#include <vector>

#include "tools/decklog/env_file.hpp"
#include "tools/decklog/preflight_gate.hpp"
#include "tools/decklog/preflight_profile.hpp"

namespace decklog::cli {

/// A platform account of the server: references only.
struct ReferencingAccount {
    std::string id, platform;
    bool is_active = true;
    std::vector<std::string> references{};
};

/// `env:NAME` for every variable, the value rules, and the provider against the intent.
[[nodiscard]] PreflightGates check_variables(const PreflightProfile& profile,
                                             const Variables& variables, const std::string& intent);

/// `credentials:PLATFORM` each: the references of its active accounts when there are such, each one
/// a variable of the profile that is set; else one of the profile's sets. Codes:
/// CREDENTIAL_MISSING, CREDENTIAL_PLAINTEXT_FORBIDDEN.
[[nodiscard]] PreflightGates check_credential_references(
    const PreflightProfile& profile, const Variables& variables,
    const std::vector<ReferencingAccount>& accounts);

}  // namespace decklog::cli
