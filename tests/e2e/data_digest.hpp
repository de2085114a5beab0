// Everything that a data directory answers, as one line: what a test compares before and after.
// Opens the directory in this process, as the command line does.
#pragma once

#include <filesystem>
#include <string>

namespace decklog::e2e {

/// `refused …` with the reason when it does not open, `found …` when it opens and says what is
/// wrong with it, else `whole`, the number of events, the chain, and hashes of all events with what
/// was sealed in them, of the raw bodies, and of every view's rows.
[[nodiscard]] std::string digest_of(const std::filesystem::path& data);

}  // namespace decklog::e2e
