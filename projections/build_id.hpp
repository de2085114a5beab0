// Which build of the program this is: the linker's build id, which changes with every byte of code.
#pragma once

#include <string>

namespace decklog::projections {

/// Hex digits; the file's size and time of change when the linker left no id.
[[nodiscard]] std::string build_id();

}  // namespace decklog::projections
