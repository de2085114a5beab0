// What `restore` does with the list `erasures`: whoever is on it and not erased in the restored log
// is erased there, with whatever keys an older vault brought back.
#pragma once

#include <span>

#include "store/backup/erasure_list.hpp"
#include "store/backup/restore.hpp"

namespace decklog::store {

/// `vault` may be missing: then what would have been sealed away is gone already, and the log says
/// so for a vault that comes back later. Errors: io, corrupt, stopped.
[[nodiscard]] domain::Result<ErasureCounts> erase_again(Ledger& ledger, Vault& vault,
                                                        std::span<const ListedErasure> erasures,
                                                        const RestoreWish& by,
                                                        const RestoreProgress& progress);

}  // namespace decklog::store
