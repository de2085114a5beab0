// A file of evidence: `NAME.md` in a folder, `NAME-2.md` when there is one, and so on. None is ever
// written over, and no link is followed out of the folder. One thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace decklog::cli {

/// Makes the folder if it is missing. Errors: io.
[[nodiscard]] domain::Result<void> make_evidence_folder(const std::filesystem::path& folder);

/// Durable when it returns the file's path. `name` has no slash. Errors: io.
[[nodiscard]] domain::Result<std::filesystem::path> write_evidence(
    const std::filesystem::path& folder, const std::string& name, std::string_view text);

}  // namespace decklog::cli
