#include "tools/decklog/preflight_checks.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "domain/account/credentials.hpp"
#include "tools/decklog/limits.hpp"

namespace decklog::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view kCredentialMissing = "CREDENTIAL_MISSING";
constexpr std::string_view kPlaintext = "CREDENTIAL_PLAINTEXT_FORBIDDEN";

PreflightGate passed(std::string name, std::string why = {}) {
    return {std::move(name), GateStatus::passed, std::move(why)};
}
PreflightGate failed(std::string name, std::string why) {
    return {std::move(name), GateStatus::failed, std::move(why)};
}
PreflightGate missing(std::string name, std::string why) {
    return {std::move(name), GateStatus::missing, std::move(why)};
}

/// Nullptr: not set, or set to nothing.
const std::string* value_of(const Variables& variables, std::string_view name) {
    const auto found = variables.find(name);
    return found == variables.end() || found->second.empty() ? nullptr : &found->second;
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

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
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

// ---- evidence

std::optional<std::string> content_of(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::string text(kMetadataBytesMax, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

/// As a word of its own that begins with it: a short SHA is known by its beginning.
bool names_release(const std::string& text, const std::string& release) {
    const std::string in = lower(text), sought = lower(release);
    for (auto at = in.find(sought); at != std::string::npos; at = in.find(sought, at + 1)) {
        if (at == 0 || !is_hex(in[at - 1])) return true;
    }
    return false;
}

std::vector<std::string> cells_of(const std::string& row) {
    std::vector<std::string> cells;
    std::stringstream stream(row);
    for (std::string cell; std::getline(stream, cell, '|');) {
        const auto begin = cell.find_first_not_of(" \t\r`*");
        if (begin == std::string::npos) continue;
        cells.push_back(lower(cell.substr(begin, cell.find_last_not_of(" \t\r`*") - begin + 1)));
    }
    return cells;
}

/// A row of the table check | status | artifact that is about this log, by its name or without its
/// ending.
bool says_that_it_failed(const std::string& metadata, const std::string& log) {
    static constexpr std::array<std::string_view, 9> kBad{"fail",    "failed",    "failure",
                                                          "error",   "cancelled", "canceled",
                                                          "skipped", "timed_out", "timed out"};
    const std::string stem = lower(fs::path(log).stem().string());
    std::stringstream lines(metadata);
    for (std::string line; std::getline(lines, line);) {
        if (line.find('|') == std::string::npos || lower(line).find(stem) == std::string::npos)
            continue;
        const auto cells = cells_of(line);
        if (std::any_of(cells.begin(), cells.end(), [](const std::string& cell) {
                return std::find(kBad.begin(), kBad.end(), cell) != kBad.end();
            }))
            return true;
    }
    return false;
}

PreflightGate check_metadata(const std::string& gate, const std::optional<std::string>& metadata,
                             const std::string& release) {
    if (!metadata) return missing(gate, "there is no such file");
    if (names_release(*metadata, release)) return passed(gate, "names " + release);
    return failed(gate, "does not name " + release + ": it is of another candidate");
}

PreflightGate check_log(const fs::path& folder, const std::string& log,
                        const std::optional<std::string>& metadata) {
    const std::string gate = "evidence:" + log;
    std::error_code error;
    if (!fs::is_regular_file(folder / log, error)) return missing(gate, "there is no such file");
    if (fs::file_size(folder / log, error) == 0 || error) return missing(gate, "the file is empty");
    if (metadata && says_that_it_failed(*metadata, log))
        return failed(gate, "did not pass, says the metadata");
    return passed(gate);
}

// ---- linkage

const json::object* object_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

bool is_given(const json::value& value) {
    return !value.is_null() && !(value.is_string() && value.get_string().empty());
}

bool is_informative(const json::object& linkage) {
    const json::object* attempted = object_in(linkage, "attempted");
    return attempted != nullptr &&
           std::any_of(attempted->begin(), attempted->end(),
                       [](const auto& member) { return is_given(member.value()); });
}

/// Empty: nothing is wrong with it.
std::string problem_of(const json::object& event) {
    const json::object* payload = object_in(event, "payload");
    const json::object* details = payload == nullptr ? nullptr : object_in(*payload, "details");
    if (details == nullptr) return "its details are sealed or gone";
    const json::object* linkage = object_in(*details, "linkage");
    if (linkage == nullptr) return "it has no linkage";
    const auto* action = event.if_contains("action");
    const bool is_resolved = action != nullptr && action->is_string() &&
                             action->get_string() == "ingest_conversation_linkage_resolved";
    if (!is_resolved) return is_informative(*linkage) ? "" : "attempted says nothing";
    const auto* applied = linkage->if_contains("appliedListingId");
    return applied != nullptr && is_given(*applied) ? "" : "appliedListingId is not set";
}

}  // namespace

std::string_view to_text(GateStatus status) {
    switch (status) {
        case GateStatus::passed:
            return "passed";
        case GateStatus::failed:
            return "failed";
        case GateStatus::missing:
            return "missing";
    }
    return {};
}

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

PreflightGates check_evidence(const PreflightProfile& profile, const fs::path& folder,
                              const std::string& release) {
    PreflightGates gates;
    if (profile.metadata.empty()) return gates;
    const auto metadata = content_of(folder / profile.metadata);
    gates.push_back(check_metadata("evidence:" + profile.metadata, metadata, release));
    for (const std::string& log : profile.logs) gates.push_back(check_log(folder, log, metadata));
    return gates;
}

PreflightGate check_linkage(const json::array& events) {
    constexpr const char* kGate = "linkage-sample";
    if (events.empty()) return missing(kGate, "the log holds no linkage audit");
    for (const json::value& value : events) {
        const json::object* event = value.if_object();
        if (event == nullptr) return failed(kGate, "an event could not be read");
        const std::string problem = problem_of(*event);
        if (problem.empty()) continue;
        const auto* position = event->if_contains("position");
        const std::string where = position != nullptr && position->is_string()
                                      ? std::string(position->get_string()) + ": "
                                      : std::string();
        return failed(kGate, where + problem);
    }
    return passed(kGate, std::to_string(events.size()) + " linkage audits");
}

}  // namespace decklog::cli
