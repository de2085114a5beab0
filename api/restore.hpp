// `decklog restore`: the store's restoration and the views folded afresh over it, then the new
// directory is let go. No server is involved: the directory is new. One thread; blocks.
#pragma once

#include <vector>

#include "projections/engine.hpp"
#include "store/backup/restore.hpp"

namespace decklog::api {

struct Restored {
    store::RestoreReport report;
    std::vector<projections::ViewStatus> views;  // as folded; empty when the report has problems
};

/// Errors: those of store::Restoration; corrupt, when a view stopped. After an error, and after a
/// report with problems, nothing is left in the new directory.
[[nodiscard]] domain::Result<Restored> restore(store::RestoreWish wish,
                                               const store::RestoreProgress& progress);

}  // namespace decklog::api
