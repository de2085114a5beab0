// `[[operators]]` of the file: who may give commands in chat. A person stands once, so that nobody
// has two names, and a name once, so that the log says who it was.
#pragma once

#include <vector>

#include "api/config.hpp"
#include "api/settings/file.hpp"
#include "domain/result.hpp"
#include "ingest/inbound.hpp"

namespace decklog::api {

/// Errors: invalid_argument, naming the key and never the value, which may be somebody's id.
[[nodiscard]] domain::Result<std::vector<Operator>> read_operators(
    const std::vector<FileOperator>& listed, const std::vector<ingest::Account>& accounts);

}  // namespace decklog::api
