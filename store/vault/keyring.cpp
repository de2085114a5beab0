#include "store/vault/keyring.hpp"

namespace decklog::store {
namespace {

void add_rows(std::vector<VaultRow>& rows, OwnerKind kind, const domain::Bytes32& index,
              const OwnerId& owner, const NamedKey& key) {
    rows.push_back({key_row_key(key.id), encode(KeyRow{kind, owner, key.key})});
    rows.push_back({owner_row_key(owner), encode(OwnerRow{kind, index, {key.id}})});
    rows.push_back({index_row_key(index), encode_index(owner)});
}

}  // namespace

Keyring::Keyring(VaultRows& rows, Random& random, std::size_t cache_entries_max)
    : rows_(rows),
      random_(random),
      owners_(cache_entries_max),
      newest_(cache_entries_max),
      keys_(cache_entries_max) {}

domain::Result<std::vector<OwnerId>> Keyring::owners_for(OwnerKind kind,
                                                         std::span<const domain::Bytes32> indexes) {
    Lock lock(mutex_);
    while (true) {
        std::vector<OwnerId> owners;
        std::vector<domain::Bytes32> missing;
        for (const domain::Bytes32& index : indexes) {
            const auto known = look_up(lock, index);
            if (!known) return tl::unexpected(known.error());
            if (*known) {
                owners.push_back(**known);
            } else {
                missing.push_back(index);
            }
        }
        if (missing.empty()) return owners;
        // What nobody creates yet is created before waiting for others: two callers never wait for
        // each other.
        const auto claimed = claim(lock, missing);
        if (claimed.empty()) {
            created_.wait(lock);
        } else if (const auto done = create(lock, kind, claimed); !done) {
            return tl::unexpected(done.error());
        }
    }
}

domain::Result<std::optional<OwnerId>> Keyring::find_owner(const domain::Bytes32& index) {
    const Lock lock(mutex_);
    return look_up(lock, index);
}

domain::Result<NamedKey> Keyring::newest_key(OwnerKind kind, const OwnerId& owner) {
    const Lock lock(mutex_);
    const KeyId* newest = newest_.find(owner);
    if (newest == nullptr) {
        const auto row = rows_.get(owner_row_key(owner));
        if (!row) return tl::unexpected(row.error());
        if (!*row) return domain::fail(domain::ErrorCode::not_found, "vault: no such subject");
        const auto decoded = decode_owner(**row);
        if (!decoded) return tl::unexpected(decoded.error());
        if (decoded->keys.empty()) {
            return domain::fail(domain::ErrorCode::not_found, "vault: the subject has no key");
        }
        newest_.put(owner, decoded->keys.back());
        newest = newest_.find(owner);
    }
    const KeyId id = *newest;
    const auto key = look_up_key(lock, kind, id);
    if (!key) return tl::unexpected(key.error());
    if (!*key) return domain::fail(domain::ErrorCode::corrupt, "vault: a subject's key is missing");
    return NamedKey{id, **key};
}

domain::Result<std::optional<SecretKey>> Keyring::find_key(OwnerKind kind, const KeyId& id) {
    const Lock lock(mutex_);
    return look_up_key(lock, kind, id);
}

domain::Result<std::optional<OwnerId>> Keyring::look_up(const Lock&, const domain::Bytes32& index) {
    if (const OwnerId* known = owners_.find(index)) return *known;
    // RocksDB shows a row to readers before its fsync is answered; its creator has not said yet
    // that it is durable.
    if (being_created_.contains(index)) return std::nullopt;
    const auto row = rows_.get(index_row_key(index));
    if (!row) return tl::unexpected(row.error());
    if (!*row) return std::nullopt;
    const auto owner = decode_index(**row);
    if (!owner) return tl::unexpected(owner.error());
    owners_.put(index, *owner);
    return *owner;
}

domain::Result<std::optional<SecretKey>> Keyring::look_up_key(const Lock&, OwnerKind kind,
                                                              const KeyId& id) {
    const CachedKey* known = keys_.find(id);
    if (known == nullptr) {
        const auto row = rows_.get(key_row_key(id));
        if (!row) return tl::unexpected(row.error());
        if (!*row) return std::nullopt;
        const auto decoded = decode_key(**row);
        if (!decoded) return tl::unexpected(decoded.error());
        keys_.put(id, CachedKey{decoded->kind, decoded->key});
        known = keys_.find(id);
    }
    if (known->kind != kind) {
        return domain::fail(domain::ErrorCode::corrupt, "sealed part names a key of another kind");
    }
    return known->key;
}

std::vector<domain::Bytes32> Keyring::claim(const Lock&, std::span<const domain::Bytes32> missing) {
    std::vector<domain::Bytes32> claimed;
    for (const domain::Bytes32& index : missing) {
        if (being_created_.insert(index).second) claimed.push_back(index);
    }
    return claimed;
}

domain::Result<void> Keyring::create(Lock& lock, OwnerKind kind,
                                     std::span<const domain::Bytes32> claimed) {
    lock.unlock();
    std::vector<NewOwner> drawn;
    std::vector<VaultRow> rows;
    for (const domain::Bytes32& index : claimed) {
        drawn.push_back(draw(index));
        add_rows(rows, kind, index, drawn.back().owner, drawn.back().key);
    }
    auto durable = rows_.put(rows);
    lock.lock();
    for (const NewOwner& created : drawn) {
        being_created_.erase(created.index);
        if (durable) remember(lock, kind, created);
    }
    created_.notify_all();
    return durable;
}

Keyring::NewOwner Keyring::draw(const domain::Bytes32& index) {
    NewOwner drawn;
    drawn.index = index;
    random_.fill(drawn.owner.bytes);
    random_.fill(drawn.key.id.bytes);
    drawn.key.key = SecretKey::draw(random_);
    return drawn;
}

void Keyring::remember(const Lock&, OwnerKind kind, const NewOwner& created) {
    owners_.put(created.index, created.owner);
    newest_.put(created.owner, created.key.id);
    keys_.put(created.key.id, CachedKey{kind, created.key.key});
}

}  // namespace decklog::store
