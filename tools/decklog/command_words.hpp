// Words of a command as one line, for whoever reads or repeats it. Pure.
#pragma once

#include <string>
#include <vector>

#include "domain/command_words.hpp"

namespace decklog::cli {

using domain::split_words;

/// Words as one line that split_words would read the same; control characters are shown as `·`.
[[nodiscard]] std::string command_line_of(const std::vector<std::string>& words);

}  // namespace decklog::cli
