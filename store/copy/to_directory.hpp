// `decklog copy` into a data directory of its own: every frame of the source, partition after
// partition, the raw bodies, and behind them the LedgerForked by which each partition of the copy
// goes on. What an earlier, interrupted one brought
// is compared and kept. One thread.
#pragma once

#include "store/copy/source.hpp"
#include "store/import/import_directory.hpp"

namespace decklog::store {

/// `source` takes nothing any more (end_ledger). Errors: those of FrameImporter.
[[nodiscard]] domain::Result<Imported> copy_to_directory(const Ledger& source,
                                                         ImportDirectory& target,
                                                         const CopyProgress& progress, Clock& clock,
                                                         Random& random);

}  // namespace decklog::store
