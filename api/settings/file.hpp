// The configuration file: TOML, every key known by name and type, so that a misspelt one is refused
// instead of ignored.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/result.hpp"

namespace decklog::api {

/// One `[[accounts]]` as written; secrets are still references.
struct FileAccount {
    std::string platform, id, workspace;
    std::vector<std::string> secrets, verify_tokens, tokens;
};

/// One `[[operators]]` as written.
struct FileOperator {
    std::string name, role;
    std::vector<std::string> people;
};

struct FileSettings {
    std::map<std::string, std::string> scalars;  // by dotted key
    std::map<std::string, std::string> kafka_properties;
    std::vector<std::string> trusted_proxies;
    std::vector<FileAccount> accounts;
    std::vector<FileOperator> operators;
    std::optional<std::vector<std::string>> required_platforms;  // of [services]
};

/// Errors: invalid_argument, naming the key or the line; never a value.
[[nodiscard]] domain::Result<FileSettings> read_settings_file(const std::filesystem::path& path);

}  // namespace decklog::api
