// A file of variables as `--env-file` of container tools and dotenv read it: KEY=VALUE lines. Its
// values are secrets: an error names the line and never shows any of it. One thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace decklog::cli {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Lines: blank; `# comment`; `KEY=VALUE`, also with `export ` before it. VALUE as it is, without
/// blanks at its ends and without ` # comment`; or in single quotes, as it is; or in double quotes,
/// where \n, \r, \t, \", \\ and \$ stand for one character each. Nothing is expanded, a value does
/// not go on in the next line, of a key that stands twice the last one counts. Error:
/// invalid_argument with the number of the line.
[[nodiscard]] domain::Result<Variables> parse_env(std::string_view text);

/// Errors: io (also for more than 1 MiB), invalid_argument. Both name the file.
[[nodiscard]] domain::Result<Variables> read_env_file(const std::filesystem::path& path);

}  // namespace decklog::cli
