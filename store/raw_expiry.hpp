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
/// By the newest event of any partition: the keys of days are of all of them.
[[nodiscard]] std::optional<std::uint32_t> first_raw_day_kept(const LogReader& ledger,
                                                              std::int64_t now_us,
                                                              std::uint32_t raw_days);

/// Destroys the keys of days that are over, and cleans the files. One thread.
class RawExpiry {
  public:
    /// Both outlive it.
    RawExpiry(Ledger& ledger, Vault& vault) : ledger_(ledger), vault_(vault) {}

    /// Of the days before `first_kept`; how many keys. Rows are the writer's to delete: what it has
    /// not swept yet is cleaned by a later call, and so is what an error, or an earlier process,
    /// left in the files. Errors: io, stopped (`cancelled` was set; may be null).
    [[nodiscard]] domain::Result<std::size_t> expire(std::uint32_t first_kept,
                                                     std::atomic<bool>* cancelled);

  private:
    Ledger& ledger_;
    Vault& vault_;
    std::optional<std::uint32_t> cleaned_{};  // the vault's files, of keys of the days before
};

}  // namespace decklog::store
