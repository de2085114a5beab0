// Who owns which keys. Owners (subjects, days of raw bodies) are random ids found through an index
// that the caller has hashed; each has one key so far, and everything here already takes several,
// the newest seals. Creating is safe under concurrent callers: one of them creates an owner, the
// others wait for it, and creations of different owners share fsyncs. Nothing is handed out before
// it is durable. Thread-safe.
//
// Reads go through bounded caches. Whoever removes rows one day must drop them here first.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "store/clock.hpp"
#include "store/vault/bounded_cache.hpp"
#include "store/vault/vault_rows.hpp"

namespace decklog::store {

struct NamedKey {
    KeyId id;
    SecretKey key;
};

class Keyring {
  public:
    /// Both outlive the keyring.
    Keyring(VaultRows& rows, Random& random, std::size_t cache_entries_max);

    /// Owners of these index entries in their order, created with a first key where there are none.
    [[nodiscard]] domain::Result<std::vector<OwnerId>> owners_for(
        OwnerKind kind, std::span<const domain::Bytes32> indexes);
    [[nodiscard]] domain::Result<std::optional<OwnerId>> find_owner(const domain::Bytes32& index);

    /// The key to seal with. Errors: not_found (no such owner, or all its keys are destroyed),
    /// corrupt.
    [[nodiscard]] domain::Result<NamedKey> newest_key(OwnerKind kind, const OwnerId& owner);
    /// nullopt: there is no such key any more. Errors: corrupt (also: a key of another kind of
    /// owner).
    [[nodiscard]] domain::Result<std::optional<SecretKey>> find_key(OwnerKind kind,
                                                                    const KeyId& id);

  private:
    using Lock = std::unique_lock<std::mutex>;
    struct CachedKey {
        OwnerKind kind;
        SecretKey key;
    };
    struct NewOwner {
        domain::Bytes32 index{};
        OwnerId owner;
        NamedKey key;
    };

    [[nodiscard]] domain::Result<std::optional<OwnerId>> look_up(const Lock&,
                                                                 const domain::Bytes32& index);
    [[nodiscard]] domain::Result<std::optional<SecretKey>> look_up_key(const Lock&, OwnerKind kind,
                                                                       const KeyId& id);
    [[nodiscard]] std::vector<domain::Bytes32> claim(const Lock&,
                                                     std::span<const domain::Bytes32> missing);
    [[nodiscard]] domain::Result<void> create(Lock& lock, OwnerKind kind,
                                              std::span<const domain::Bytes32> claimed);
    [[nodiscard]] NewOwner draw(const domain::Bytes32& index);
    void remember(const Lock&, OwnerKind kind, const NewOwner& created);

    VaultRows& rows_;
    Random& random_;
    std::mutex mutex_;
    std::condition_variable created_;
    std::set<domain::Bytes32> being_created_;  // claimed by a caller that is writing them now
    BoundedCache<domain::Bytes32, OwnerId> owners_;
    BoundedCache<OwnerId, KeyId> newest_;
    BoundedCache<KeyId, CachedKey> keys_;
};

}  // namespace decklog::store
