// The embedded ledger: one RocksDB database, one writer thread per partition. The same contract as
// MemoryLedger plus durability: kill -9 or power loss at any point keeps every acknowledged commit
// (design §3).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "domain/limits.hpp"
#include "store/clock.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace rocksdb {
class Env;
}

namespace decklog::store {

struct DiskSpace {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
};

struct LedgerOptions {
    /// Of a ledger that is made now; one that stands has as many as it was made with.
    std::uint32_t partitions = 1;
    std::size_t queue_max = 4096;                     // submit calls waiting for the writer
    std::uint64_t disk_free_bytes_min = 2ULL << 30U;  // 0: no rule, nor one of share
    double disk_free_share_min = 0.05;
    bool accept_clock = false;
    /// False: whoever opens it records the accepted clock, when it may (restore, behind its fork).
    bool records_accepted_clock = true;
    bool read_only = false;  // refuses every write: the ledger was opened without its vault
    std::uint32_t new_log_level = domain::limits::kLogLevel;  // what a new ledger begins with
    std::uint32_t raw_days = 30;   // raw bodies older than this are deleted; 0 keeps them
    Clock* clock = nullptr;        // null: system_clock()
    Random* random = nullptr;      // null: system_random()
    Observer* observer = nullptr;  // may be null; outlives the ledger
    std::function<DiskSpace()> disk_space{};  // empty: statvfs of the data directory
    rocksdb::Env* env = nullptr;              // null: the operating system's files
};

/// Opens or creates `root/ledger`, checks its tail and HEAD. Errors: corrupt (names file and
/// position), other_format, io. The caller holds the Directory lock and outlives the ledger.
[[nodiscard]] domain::Result<std::unique_ptr<Ledger>> open_rocks_ledger(
    const std::filesystem::path& root, const LedgerOptions& options);

/// The same rules in memory, for tests and for folding; durable means "appended".
[[nodiscard]] std::unique_ptr<Ledger> make_memory_ledger(const LedgerOptions& options);

/// The vault of a data directory; `read_only` when the vault is missing beside an existing ledger
/// (nothing opens or seals). `env` null: the operating system's files.
[[nodiscard]] domain::Result<std::unique_ptr<Vault>> open_rocks_vault(
    const std::filesystem::path& root, bool ledger_exists, Random* random,
    rocksdb::Env* env = nullptr);
[[nodiscard]] std::unique_ptr<Vault> make_memory_vault(Random* random);

}  // namespace decklog::store
