// The CI evidence of a candidate, in a folder. Reads files; one thread.
#pragma once

#include <filesystem>
#include <string>

#include "tools/decklog/preflight_gate.hpp"
#include "tools/decklog/preflight_profile.hpp"

namespace decklog::cli {

/// `evidence:FILE` each: the metadata names the release, the logs are there and not empty, and no
/// row of the metadata's table says that one of them did not pass.
[[nodiscard]] PreflightGates check_evidence(const PreflightProfile& profile,
                                            const std::filesystem::path& folder,
                                            const std::string& release);

}  // namespace decklog::cli
