// The checks of `decklog preflight`: from a profile and what was found, gate results. Values of
// variables are compared and never leave: no result shows any part of one. Pure but for
// check_evidence, which reads files. One thread.
#pragma once

#include <boost/json/array.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/decklog/env_file.hpp"
#include "tools/decklog/preflight_profile.hpp"

namespace decklog::cli {

/// `missing`: there is nothing to judge by, which is never a pass.
enum class GateStatus { passed, failed, missing };
[[nodiscard]] std::string_view to_text(GateStatus status);

struct PreflightGate {
    std::string name;
    GateStatus status = GateStatus::passed;
    std::string why;
};
using PreflightGates = std::vector<PreflightGate>;

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

/// `evidence:FILE` each: the metadata names the release, the logs are there and not empty, and no
/// row of the metadata's table says that one of them did not pass.
[[nodiscard]] PreflightGates check_evidence(const PreflightProfile& profile,
                                            const std::filesystem::path& folder,
                                            const std::string& release);

/// `linkage-sample`: of the events given (as GET /api/events shows them), newest first, every
/// resolved linkage says which listing was applied, every unresolved one what was tried.
[[nodiscard]] PreflightGate check_linkage(const boost::json::array& events);

}  // namespace decklog::cli
