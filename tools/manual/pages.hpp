// The manual page and the shell completions, written from the commands. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/manual/commands.hpp"

namespace decklog::manual {

/// decklog(1): `frame` is what a person wrote, in the man macros; its line `@COMMANDS@` becomes the
/// commands and options, `@VERSION@` the version.
[[nodiscard]] std::string man_page(const std::vector<CommandText>& commands, std::string_view frame,
                                   std::string_view version);

/// A bash function that completes commands, options, and the values that have a closed set.
[[nodiscard]] std::string bash_completion(const std::vector<CommandText>& commands);

/// The same as a zsh completion function.
[[nodiscard]] std::string zsh_completion(const std::vector<CommandText>& commands);

}  // namespace decklog::manual
