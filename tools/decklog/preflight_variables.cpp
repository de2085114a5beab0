#include "tools/decklog/preflight_variables.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "domain/account/credentials.hpp"

namespace decklog::cli {
namespace {

constexpr std::string_view kCredentialMissing = "CREDENTIAL_MISSING";
constexpr std::string_view kPlaintext = "CREDENTIAL_PLAINTEXT_FORBIDDEN";

/// Nullptr: not set, or set to nothing.
const std::string* value_of(const Variables& variables, std::string_view name) {
    const auto found = variables.find(name);
    if (found == variables.end()) return nullptr;
    const bool is_blank = found->second.find_first_not_of(" \t") == std::string::npos;
    return is_blank ? nullptr : &found->second;
}

std::string listed(const std::vector<std::string>& words, std::string_view between = ", ") {
    std::string text;
    for (const std::string& word : words)
        text.append(text.empty() ? std::string_view{} : between).append(word);
    return text;
}

bool is_in(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

// ---- variables

PreflightGate check_set(const Variables& variables, const std::string& name,
                        const std::string& why = "not set") {
    return value_of(variables, name) == nullptr ? missing("env:" + name, why)
                                                : passed("env:" + name);
}

PreflightGate check_value(const Variables& variables, const ValueRule& rule) {
    const std::string* value = value_of(variables, rule.variable);
    if (value == nullptr) return missing(rule.gate, rule.variable + " is not set");
    const bool is_right =
        rule.one_of.empty() ? !is_in(rule.none_of, *value) : is_in(rule.one_of, *value);
    if (is_right) return passed(rule.gate);
    std::string why = rule.code.empty() ? std::string() : rule.code + ": ";
    why += rule.variable;
    why +=
        rule.one_of.empty() ? " is still a placeholder" : " is not " + listed(rule.one_of, " or ");
    return failed(rule.gate, std::move(why));
}

PreflightGate check_provider(const PreflightProfile& profile, const Variables& variables,
                             const std::string& intent) {
    const std::string* provider = value_of(variables, profile.provider_variable);
    if (provider == nullptr) return missing("provider", profile.provider_variable + " is not set");
    if (*provider == intent) return passed("provider", "the rollout intends " + intent);
    return failed("provider", profile.provider_variable + " is not what the rollout intends, " +
                                  intent + "; see --intent");
}

// ---- credentials

std::optional<PreflightGate> refusal_of(const std::string& gate,
                                        const PlatformCredentials& credentials,
                                        const Variables& variables,
                                        const ReferencingAccount& account) {
    for (const std::string& reference : account.references) {
        const auto variable = domain::variable_of(reference);
        // Not repeated: it may be the secret itself.
        if (!variable) {
            return failed(gate, std::string(kPlaintext) + ": a credential of " + account.id +
                                    " is no reference");
        }
        const std::string name(*variable);
        if (!credentials.names(name)) {
            return failed(gate, account.id + " refers to " + name +
                                    ", which the profile does not name for this platform");
        }
        if (value_of(variables, name) == nullptr)
            return failed(gate, std::string(kCredentialMissing) + ": " + name + " is not set");
    }
    return std::nullopt;
}

bool is_set(const Variables& variables, const std::vector<std::string>& names) {
    return std::all_of(names.begin(), names.end(), [&variables](const std::string& name) {
        return value_of(variables, name) != nullptr;
    });
}

PreflightGate check_platform(const PlatformCredentials& credentials, const Variables& variables,
                             const std::vector<ReferencingAccount>& accounts) {
    const std::string gate = "credentials:" + credentials.platform;
    std::size_t referring = 0;
    for (const ReferencingAccount& account : accounts) {
        if (account.platform != credentials.platform || !account.is_active ||
            account.references.empty()) {
            continue;
        }
        ++referring;
        if (auto refusal = refusal_of(gate, credentials, variables, account))
            return std::move(*refusal);
    }
    if (referring > 0) {
        return passed(gate, "references of " + std::to_string(referring) +
                                (referring == 1 ? " account" : " accounts"));
    }
    for (const auto& names : credentials.any_of) {
        if (is_set(variables, names)) return passed(gate, listed(names));
    }
    std::vector<std::string> sets;
    for (const auto& names : credentials.any_of) sets.push_back(listed(names, " and "));
    return failed(gate, std::string(kCredentialMissing) + ": set " + listed(sets, ", or "));
}

}  // namespace

PreflightGates check_variables(const PreflightProfile& profile, const Variables& variables,
                               const std::string& intent) {
    PreflightGates gates;
    for (const std::string& name : profile.variables) gates.push_back(check_set(variables, name));
    if (const auto needs = profile.provider_needs.find(intent);
        needs != profile.provider_needs.end()) {
        for (const std::string& name : needs->second)
            gates.push_back(check_set(variables, name, "not set; " + intent + " needs it"));
    }
    for (const ValueRule& rule : profile.values) gates.push_back(check_value(variables, rule));
    if (!profile.provider_variable.empty())
        gates.push_back(check_provider(profile, variables, intent));
    return gates;
}

PreflightGates check_credential_references(const PreflightProfile& profile,
                                           const Variables& variables,
                                           const std::vector<ReferencingAccount>& accounts) {
    PreflightGates gates;
    for (const PlatformCredentials& credentials : profile.credentials)
        gates.push_back(check_platform(credentials, variables, accounts));
    return gates;
}

}  // namespace decklog::cli
