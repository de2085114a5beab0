// Who owns which keys. Owners (subjects, days of raw bodies) are random ids found through an index
// that the caller has hashed; each has one key so far, and everything here already takes several,
// the newest seals. Creating is safe under concurrent callers: one of them creates an owner, the
// others wait for it, and creations of different owners share fsyncs. Nothing is handed out before
// it is durable. Thread-safe.
//
// Destroying an owner waits until nobody is at work for it: whoever is given owners holds the
// generation of that moment; a hold ends the generation, keeps its owner from everybody who asks
// later, and waits until the generations before are let go. So a key is destroyed with nothing
// sealed under it on the way.
//
// Reads go through bounded caches, filled under the lock that the rows are read under, and from the
// rows alone: of an owner that two nodes create at once, the rows say which stands. Rows are
// removed first and then dropped from the caches, so that no reader brings them back; the same with
// rows that another node wrote or erased.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
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
    ~Keyring();
    Keyring(const Keyring&) = delete;
    Keyring& operator=(const Keyring&) = delete;

    struct Owners {
        std::vector<OwnerId> ids;
        std::shared_ptr<const void> in_use;
    };
    /// Owners of these index entries in their order, created with a first key where there are none.
    /// Waits for a hold on one of them. Errors: io (retryable: the hold lasts too long).
    [[nodiscard]] domain::Result<Owners> owners_for(OwnerKind kind,
                                                    std::span<const domain::Bytes32> indexes);
    /// The same without creating anybody; nullopt: one of them is not there (any more).
    [[nodiscard]] domain::Result<std::optional<Owners>> known_owners(
        std::span<const domain::Bytes32> indexes);
    /// Right now, whatever is held: may be destroyed before it is used.
    [[nodiscard]] domain::Result<std::optional<OwnerId>> find_owner(const domain::Bytes32& index);

    /// The key to seal with. Errors: not_found (no such owner, or all its keys are destroyed),
    /// corrupt.
    [[nodiscard]] domain::Result<NamedKey> newest_key(OwnerKind kind, const OwnerId& owner);
    /// nullopt: there is no such key any more. Errors: corrupt (also: a key of another kind of
    /// owner).
    [[nodiscard]] domain::Result<std::optional<SecretKey>> find_key(OwnerKind kind,
                                                                    const KeyId& id);

    /// The row of an owner; nullopt: there is none (any more).
    [[nodiscard]] domain::Result<std::optional<OwnerRow>> find_row(const OwnerId& owner) const;
    /// Begins a hold and waits up to `patience` until nobody is at work for its owner; one at a
    /// time: `holding` is locked from here to end_hold. Errors: io, retryable.
    [[nodiscard]] domain::Result<std::unique_lock<std::timed_mutex>> begin_hold(
        const domain::Bytes32& index, std::chrono::milliseconds patience);
    void end_hold();
    /// Removes an owner's rows, durably, and then what is cached of them.
    [[nodiscard]] domain::Result<void> destroy(const OwnerId& owner, const OwnerRow& row);

  private:
    using Lock = std::unique_lock<std::mutex>;
    struct Generation {};
    struct CachedKey {
        OwnerKind kind;
        SecretKey key;
    };
    using Clock = std::chrono::steady_clock;

    /// Those of them that are there, in their order; the others go to `missing`.
    [[nodiscard]] domain::Result<std::vector<OwnerId>> look_up_all(
        const Lock& lock, std::span<const domain::Bytes32> indexes,
        std::vector<domain::Bytes32>& missing);
    [[nodiscard]] bool is_held(const Lock&, std::span<const domain::Bytes32> indexes) const;
    [[nodiscard]] domain::Result<void> wait_for_hold(Lock& lock, Clock::time_point give_up);
    [[nodiscard]] domain::Result<std::optional<OwnerId>> look_up(const Lock&,
                                                                 const domain::Bytes32& index);
    [[nodiscard]] domain::Result<std::optional<SecretKey>> look_up_key(const Lock&, OwnerKind kind,
                                                                       const KeyId& id);
    [[nodiscard]] std::vector<domain::Bytes32> claim(const Lock&,
                                                     std::span<const domain::Bytes32> missing);
    [[nodiscard]] domain::Result<void> create(Lock& lock, OwnerKind kind,
                                              std::span<const domain::Bytes32> claimed);
    void forget(std::span<const std::string> row_keys);

    VaultRows& rows_;
    Random& random_;
    std::mutex mutex_;
    std::condition_variable created_;
    std::set<domain::Bytes32> being_created_;  // claimed by a caller that is writing them now
    std::timed_mutex holding_;
    std::optional<domain::Bytes32> held_;
    std::shared_ptr<const Generation> generation_ = std::make_shared<const Generation>();
    std::vector<std::weak_ptr<const Generation>> ended_generations_;  // only of the holder
    BoundedCache<domain::Bytes32, OwnerId> owners_;
    BoundedCache<OwnerId, KeyId> newest_;
    BoundedCache<KeyId, CachedKey> keys_;
};

}  // namespace decklog::store
