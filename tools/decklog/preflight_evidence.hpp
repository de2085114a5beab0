// The CI evidence of a candidate, in a folder. Reads files; one thread.
#pragma once

#include <filesystem>
#include <string>

#include "tools/decklog/preflight_gate.hpp"
#include "tools/decklog/preflight_profile.hpp"

namespace decklog::cli {

/// `evidence:FILE` each: the metadata names the release (in its line of the SHA, where it has one),
/// the logs are there and not empty, and each row of the metadata's table about one of them says,
/// in a word that is known for it, that it passed.
[[nodiscard]] PreflightGates check_evidence(const PreflightProfile& profile,
                                            const std::filesystem::path& folder,
                                            const std::string& release);

}  // namespace decklog::cli
