// The part of a backup that RocksDB makes: a consistent copy of `ledger/` while its writer goes on,
// and what that copy says about itself. Thread: any.
#pragma once

#include <filesystem>
#include <vector>

#include "domain/result.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

/// Makes `directory`, which must not exist: hard links on the ledger's file system, copies
/// elsewhere. Errors: invalid_argument (a ledger without files), io.
[[nodiscard]] domain::Result<void> checkpoint_ledger(const Ledger& ledger,
                                                     const std::filesystem::path& directory);

struct CheckpointState {
    domain::LedgerId ledger;
    std::vector<Head> heads;  // by partition
    bool is_node = false;     // a node's copy of a topic, which says where to read on
};
/// Opens a copy only to read, checks the end of each partition as a start does, and leaves no trace
/// in it. Errors: corrupt, other_format, io.
[[nodiscard]] domain::Result<CheckpointState> read_checkpoint(
    const std::filesystem::path& directory);

}  // namespace decklog::store
