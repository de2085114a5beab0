// Where backups of a data directory were made: each place holds a list of the erased
// (store/backup/erasure_list.hpp), and whoever is erased later goes into all of them. Kept in the
// private file `backups`: a line `places N`, then N absolute paths, one a line. A directory has it
// from the beginning, so that one that is gone or was emptied is not taken for "none". Read anew
// each time; an operator may edit it.
#pragma once

#include <filesystem>
#include <vector>

#include "domain/result.hpp"

namespace decklog::store {

/// Of a new data directory; nothing to do when there is one.
[[nodiscard]] domain::Result<void> create_places(const std::filesystem::path& root);

/// Errors: corrupt (not there, or not as many places as it says; names the file and what to do),
/// io.
[[nodiscard]] domain::Result<std::vector<std::filesystem::path>> known_places(
    const std::filesystem::path& root);

/// Nothing to do when it is known. Errors: invalid_argument (a path with a line break), and those
/// of known_places.
[[nodiscard]] domain::Result<void> remember_place(const std::filesystem::path& root,
                                                  const std::filesystem::path& place);

}  // namespace decklog::store
