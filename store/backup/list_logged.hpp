// Whom the log says are erased, listed beside the backups of a place: older copies may stand there.
#pragma once

#include <filesystem>
#include <span>

#include "store/backup/erasure_list.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

/// Creates the list in `place` when absent; durable on return. `also`: others to list before them.
/// Errors: those of creating and appending to it, and of reading the log. Thread: any.
[[nodiscard]] domain::Result<void> list_logged_erasures(const LogReader& ledger,
                                                        const std::filesystem::path& place,
                                                        std::span<const ListedErasure> also = {});

}  // namespace decklog::store
