// How long raw bodies live. A body bears the day it came in; after raw_days its row is deleted by
// the writer's sweep, and the key of its day is destroyed, which is the proof: what RocksDB or a
// disk still has of it cannot be opened any more. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "domain/result.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::store {

/// The first day whose bodies are kept; nullopt: all are. Days pass only as far as something was
/// recorded, so a clock that jumps ahead deletes nothing; and a clock set back deletes nothing of
/// the days it bears again.
[[nodiscard]] std::optional<std::uint32_t> first_raw_day_kept(std::int64_t recorded_at_us,
                                                              std::int64_t now_us,
                                                              std::uint32_t raw_days);

/// Destroys the keys of the days before `first_kept` and cleans the files of both; how many keys.
/// Rows are the writer's to delete: what it has not swept yet is cleaned by a later call.
[[nodiscard]] domain::Result<std::size_t> expire_raw_bodies(Ledger& ledger, Vault& vault,
                                                            std::uint32_t first_kept,
                                                            std::atomic<bool>* cancelled);

}  // namespace decklog::store
