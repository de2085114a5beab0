// What `--policy` names: a profile by its name, or a file. One way for every command. Any thread.
#pragma once

#include <string>

#include "domain/result.hpp"

namespace decklog::cli {

/// The profile's name as it is, which the server and parse_policy's callers know, else the text of
/// the file, read up to one byte more than a policy may have. Errors: io, names the file.
[[nodiscard]] domain::Result<std::string> policy_given(const std::string& name);

}  // namespace decklog::cli
