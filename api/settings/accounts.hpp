// The platform accounts of a configuration: one called `default` for each platform whose plain
// variable is set, and those that the file lists. The name never comes from a token, since it is
// part of every dedupe key. A platform and id stand once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/config.hpp"
#include "api/settings/file.hpp"
#include "api/settings/layers.hpp"
#include "domain/result.hpp"
#include "ingest/inbound.hpp"

namespace decklog::api {

struct Accounts {
    std::vector<ingest::Account> accounts;
    std::map<std::string, Secret> credentials;  // outbound, by `platform/id`
};

/// Errors: invalid_argument, naming the variable or the key.
[[nodiscard]] domain::Result<Accounts> read_accounts(const Layers& layers,
                                                     const std::vector<FileAccount>& listed);

}  // namespace decklog::api
