// The rows of the vault and the little that it asks of a database: get one row, write several
// durably. The vault's logic is written once over this; memory rows are for tests, RocksDB rows are
// `vault/`, and those of a cluster are a topic beside it (store/kafka/vault_topic.hpp).
//
//   M              -> format 1 | master key 32
//   L              -> ledger id 16
//   I | index 32   -> owner 16
//   O | owner 16   -> kind 1 | index 32 | key id 16 ... (newest last)
//   K | key id 16  -> kind 1 | owner 16 | key 32
//   E              -> ordinal 8: erasures before it are finished, down to the files
//
// The master key keys every keyed hash of the ledger; an index is the keyed hash of what an owner
// is called outside.
//
// An owner is a subject, or a day of raw bodies. Each row names the others it belongs to, so that
// erasing an owner finds all of them: its keys from the owner row, its index entry from there, the
// owner from any key.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/vault/seal.hpp"

namespace decklog::store {

enum class OwnerKind : std::uint8_t { subject = 1, raw_day = 2 };
using OwnerId = domain::SubjectId;

struct OwnerRow {
    OwnerKind kind = OwnerKind::subject;
    domain::Bytes32 index{};
    std::vector<KeyId> keys{};
};

struct KeyRow {
    OwnerKind kind = OwnerKind::subject;
    OwnerId owner;
    SecretKey key;
};

[[nodiscard]] std::string master_row_key();
[[nodiscard]] std::string ledger_row_key();
[[nodiscard]] std::string erasures_row_key();
[[nodiscard]] std::string index_row_key(const domain::Bytes32& index);
[[nodiscard]] std::string owner_row_key(const OwnerId& owner);
[[nodiscard]] std::string key_row_key(const KeyId& id);
/// What such a row's key names; nullopt: it is of another family.
[[nodiscard]] std::optional<domain::Bytes32> index_of_row(std::string_view row_key);
[[nodiscard]] std::optional<OwnerId> owner_of_row(std::string_view row_key);
[[nodiscard]] std::optional<KeyId> key_of_row(std::string_view row_key);

[[nodiscard]] std::string encode_master(const SecretKey& master);
[[nodiscard]] std::string encode_ledger(const domain::LedgerId& ledger);
[[nodiscard]] std::string encode_index(const OwnerId& owner);
[[nodiscard]] std::string encode_number(std::uint64_t number);
[[nodiscard]] std::string encode(const OwnerRow& row);
[[nodiscard]] std::string encode(const KeyRow& row);

/// Errors: corrupt; other_format for a master row of a newer release.
[[nodiscard]] domain::Result<SecretKey> decode_master(std::string_view row);
[[nodiscard]] domain::Result<OwnerId> decode_index(std::string_view row);
[[nodiscard]] domain::Result<std::uint64_t> decode_number(std::string_view row);
[[nodiscard]] domain::Result<OwnerRow> decode_owner(std::string_view row);
[[nodiscard]] domain::Result<KeyRow> decode_key(std::string_view row);

struct VaultRow {
    std::string key, value;
};

/// Returns false to stop. The bytes are valid during the call.
using VaultRowSink = std::function<bool(std::string_view key, std::string_view value)>;

/// Told which rows somebody else wrote or erased, once they can be read here.
using VaultRowsListener = std::function<void(std::span<const std::string> keys)>;

/// Thread-safe.
class VaultRows {
  public:
    virtual ~VaultRows() = default;
    [[nodiscard]] virtual domain::Result<std::optional<std::string>> get(
        std::string_view key) const = 0;
    /// Puts these and erases those, all or none, durable on return; to erase what is not there is
    /// fine. Calls from several threads may share one fsync. Where several nodes share the rows, of
    /// a master row and of an index row the first one stands until it is erased: ask again which.
    [[nodiscard]] virtual domain::Result<void> write(std::span<const VaultRow> rows,
                                                     std::span<const std::string> erased) = 0;
    [[nodiscard]] domain::Result<void> put(std::span<const VaultRow> rows) {
        return write(rows, {});
    }
    [[nodiscard]] domain::Result<void> erase(std::span<const std::string> keys) {
        return write({}, keys);
    }
    /// Everything that anybody had written, durably, before the call can be read here when it
    /// returns. Rows that nobody else writes always can. Errors: io (retryable).
    [[nodiscard]] virtual domain::Result<void> catch_up() { return {}; }
    /// For whoever caches rows; one listener, null ends it and waits for a call in progress. Rows
    /// that nobody else writes never call it. The listener may read rows, not write them.
    virtual void on_change(VaultRowsListener /*listener*/) {}
    /// A write failed, and every later one is refused.
    [[nodiscard]] virtual bool failed() const { return false; }
    /// Every row as it was at one moment of the call.
    [[nodiscard]] virtual domain::Result<void> read_all(const VaultRowSink& /*sink*/) const {
        return domain::fail(domain::ErrorCode::invalid_argument, "these rows have no copy");
    }
    /// Makes what was erased unreadable in the files too. Errors: io (retryable: a copy in progress
    /// still needs the bytes), stopped (`cancelled` was set).
    [[nodiscard]] virtual domain::Result<void> purge(std::atomic<bool>* cancelled) = 0;
};

[[nodiscard]] std::unique_ptr<VaultRows> make_memory_rows();
/// The rows of `vault/`, created when absent; for putting a vault's copy there.
[[nodiscard]] domain::Result<std::unique_ptr<VaultRows>> open_rocks_vault_rows(
    const std::filesystem::path& directory);

}  // namespace decklog::store
