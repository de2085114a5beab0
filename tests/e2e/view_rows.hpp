// The rows of `views/` of a data directory that nobody has open, against the log folded anew.
#pragma once

#include <filesystem>

namespace decklog::e2e {

/// Fails the test unless every view of this release is there, and the rows and parked keys of its
/// live build, and of the one that a rebuild kept, are those of a replay to where that build
/// stands. Opens ledger and views: give it a copy.
void expect_replay_gives_the_rows_of(const std::filesystem::path& data);

}  // namespace decklog::e2e
