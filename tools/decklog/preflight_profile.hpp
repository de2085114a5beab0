// The profile of `decklog preflight`: what a service needs before a release, as a data file
// (tools/profiles/). Names and values that are no secrets. One thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "domain/result.hpp"

namespace decklog::cli {

struct ValueRule {
    std::string gate, variable;
    std::vector<std::string> one_of, none_of;
    std::string code;  // what a failure is called; may be empty
};

struct PlatformCredentials {
    std::string platform;
    std::vector<std::vector<std::string>> any_of;  // sets of variables
    [[nodiscard]] bool names(std::string_view variable) const;
};

struct PreflightProfile {
    std::string name;
    std::vector<std::string> variables;
    std::vector<ValueRule> values;
    std::string provider_variable;
    std::vector<std::string> intents;
    std::map<std::string, std::vector<std::string>> provider_needs;  // by intent
    std::vector<PlatformCredentials> credentials;
    std::string metadata;
    std::vector<std::string> logs;
    std::size_t linkage_sample = 0;  // 0: not looked at
};

/// Where the profile `name` is: a path when it has a slash or ends in .toml, else NAME.toml in
/// `profiles/` beside the binary, or in share/decklog/profiles of where it is installed. Error:
/// not_found, saying where was looked.
[[nodiscard]] domain::Result<std::filesystem::path> find_profile(const std::string& name);

/// Errors: io, invalid_argument naming the line or the key.
[[nodiscard]] domain::Result<PreflightProfile> read_profile(const std::filesystem::path& path);

}  // namespace decklog::cli
