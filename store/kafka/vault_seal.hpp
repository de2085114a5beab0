// A row of the vault as a record of the vault's topic: the brokers see neither rows nor names.
//
//   record key    algorithm 1 | key id 16 | keyed hash 24 | sealed name
//   record value  algorithm 1 | key id 16 | nonce 24 | sealed name and row value; none: erased
//
// The parts are those of store/vault/seal.hpp; the key id names DECKLOG_VAULT_KEY, so that another
// one is told from damage. A name's nonce is a keyed hash of the name: the same name has the same
// record key, which is what compaction goes by, and a record key opens to its name, which is how a
// node knows what a tombstone erases.
//
// The name is the row's key; of a claim (a row of which the first one stands: master and index) it
// is the row's key and a keyed hash of the value. So what two nodes claim at once are two records
// to the topic, and compaction, which keeps the newest record of a key, never removes the earlier
// of them in favour of the later. No record key of a claim, an owner or a key is written twice but
// to erase it. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>

#include "store/vault/vault_rows.hpp"

namespace decklog::store::kafka {

/// Which claim on a row: a keyed hash of its value. All zeros in a plain row.
using ClaimId = domain::Id16<struct ClaimIdTag>;

/// Of such a row the first one stands until it is erased.
[[nodiscard]] bool is_claim(std::string_view row_key);

struct VaultChange {
    std::string row_key;
    ClaimId claim;
    std::optional<std::string> value;  // nullopt: erased
};

class VaultSeal {
  public:
    explicit VaultSeal(const SecretKey& vault_key);

    /// Names the vault key; tells nothing about it.
    [[nodiscard]] const KeyId& id() const { return id_; }
    [[nodiscard]] ClaimId claim_of(std::string_view row_value) const;

    /// `row_value` counts for a claim only.
    [[nodiscard]] domain::Bytes record_key(std::string_view row_key,
                                           std::string_view row_value) const;
    [[nodiscard]] domain::Bytes record_value(std::string_view row_key, std::string_view row_value,
                                             Random& random) const;

    /// Is it sealed with this key? Errors: corrupt, other_format (a newer release's).
    [[nodiscard]] domain::Result<bool> is_mine(std::span<const std::uint8_t> record_key) const;
    /// `record_value` empty: erased. Errors: corrupt, other_format.
    [[nodiscard]] domain::Result<VaultChange> open(
        std::span<const std::uint8_t> record_key, std::span<const std::uint8_t> record_value) const;

  private:
    [[nodiscard]] std::string name_of(std::string_view row_key, std::string_view row_value) const;

    KeyId id_;
    SecretKey names_, hashes_, values_;  // each for one purpose
};

}  // namespace decklog::store::kafka
