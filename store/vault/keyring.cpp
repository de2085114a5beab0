#include "store/vault/keyring.hpp"

#include <algorithm>
#include <thread>

namespace decklog::store {
namespace {

// The io thread may be among those who wait for a hold, which lasts until those at work are
// answered, then a look at the few newest events, a commit or two and an fsync of the vault
// (store/erasure.cpp): far less, unless a disk is stuck.
constexpr std::chrono::seconds kHoldPatience{2};
constexpr std::chrono::milliseconds kHoldPoll{1};

tl::unexpected<domain::Error> busy(const char* why) {
    return domain::fail(domain::ErrorCode::io, std::string("vault: ") + why, true);
}

void add_new_owner(std::vector<VaultRow>& rows, OwnerKind kind, const domain::Bytes32& index,
                   Random& random) {
    OwnerId owner;
    KeyId id;
    random.fill(owner.bytes);
    random.fill(id.bytes);
    const KeyRow key{kind, owner, SecretKey::draw(random)};
    rows.push_back({key_row_key(id), encode(key)});
    rows.push_back({owner_row_key(owner), encode(OwnerRow{kind, index, {id}})});
    rows.push_back({index_row_key(index), encode_index(owner)});
}

}  // namespace

Keyring::Keyring(VaultRows& rows, Random& random, std::size_t cache_entries_max)
    : rows_(rows),
      random_(random),
      owners_(cache_entries_max),
      newest_(cache_entries_max),
      keys_(cache_entries_max) {
    rows_.on_change([this](std::span<const std::string> keys) { forget(keys); });
}

Keyring::~Keyring() { rows_.on_change(nullptr); }

domain::Result<Keyring::Owners> Keyring::owners_for(OwnerKind kind,
                                                    std::span<const domain::Bytes32> indexes) {
    const auto give_up = Clock::now() + kHoldPatience;
    Lock lock(mutex_);
    while (true) {
        std::vector<domain::Bytes32> missing;
        auto owners = look_up_all(lock, indexes, missing);
        if (!owners) return tl::unexpected(std::move(owners).error());
        if (missing.empty() && is_held(lock, indexes)) {
            if (auto ended = wait_for_hold(lock, give_up); !ended)
                return tl::unexpected(std::move(ended).error());
            continue;
        }
        if (missing.empty()) return Owners{std::move(*owners), generation_};
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

domain::Result<std::optional<Keyring::Owners>> Keyring::known_owners(
    std::span<const domain::Bytes32> indexes) {
    const auto give_up = Clock::now() + kHoldPatience;
    Lock lock(mutex_);
    while (is_held(lock, indexes)) {
        if (auto ended = wait_for_hold(lock, give_up); !ended)
            return tl::unexpected(std::move(ended).error());
    }
    std::vector<domain::Bytes32> missing;
    auto owners = look_up_all(lock, indexes, missing);
    if (!owners) return tl::unexpected(std::move(owners).error());
    if (!missing.empty()) return std::nullopt;
    return Owners{std::move(*owners), generation_};
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

domain::Result<std::optional<OwnerRow>> Keyring::find_row(const OwnerId& owner) const {
    const auto row = rows_.get(owner_row_key(owner));
    if (!row) return tl::unexpected(row.error());
    if (!*row) return std::nullopt;
    auto decoded = decode_owner(**row);
    if (!decoded) return tl::unexpected(decoded.error());
    return std::move(*decoded);
}

domain::Result<std::unique_lock<std::timed_mutex>> Keyring::begin_hold(
    const domain::Bytes32& index, std::chrono::milliseconds patience) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    std::unique_lock holding(holding_, give_up);
    if (!holding.owns_lock()) return busy("another erasure is at work");
    {
        const Lock lock(mutex_);
        held_ = index;
        ended_generations_.push_back(generation_);
        generation_ = std::make_shared<const Generation>();
    }
    const auto let_go = [](const auto& generation) { return generation.expired(); };
    while (true) {
        std::erase_if(ended_generations_, let_go);
        if (ended_generations_.empty()) return holding;
        if (std::chrono::steady_clock::now() >= give_up) break;
        std::this_thread::sleep_for(kHoldPoll);
    }
    end_hold();
    return busy("somebody is still at work for the subject");
}

void Keyring::end_hold() {
    const Lock lock(mutex_);
    held_.reset();
    created_.notify_all();
}

domain::Result<void> Keyring::destroy(const OwnerId& owner, const OwnerRow& row) {
    std::vector<std::string> gone{owner_row_key(owner)};
    for (const KeyId& id : row.keys) gone.push_back(key_row_key(id));
    // The index entry may be another owner's by now: of the person who was erased and came back.
    const auto index = rows_.get(index_row_key(row.index));
    if (!index) return tl::unexpected(index.error());
    const bool is_mine = *index && **index == encode_index(owner);
    if (is_mine) gone.push_back(index_row_key(row.index));
    if (auto durable = rows_.erase(gone); !durable) return durable;
    const Lock lock(mutex_);
    for (const KeyId& id : row.keys) keys_.erase(id);
    newest_.erase(owner);
    if (is_mine) owners_.erase(row.index);
    return {};
}

domain::Result<std::vector<OwnerId>> Keyring::look_up_all(const Lock& lock,
                                                          std::span<const domain::Bytes32> indexes,
                                                          std::vector<domain::Bytes32>& missing) {
    std::vector<OwnerId> owners;
    for (const domain::Bytes32& index : indexes) {
        const auto known = look_up(lock, index);
        if (!known) return tl::unexpected(known.error());
        if (*known) {
            owners.push_back(**known);
        } else {
            missing.push_back(index);
        }
    }
    return owners;
}

bool Keyring::is_held(const Lock&, std::span<const domain::Bytes32> indexes) const {
    return held_ && std::find(indexes.begin(), indexes.end(), *held_) != indexes.end();
}

/// Nothing is held on to here, so the hold never waits for whom it keeps waiting.
domain::Result<void> Keyring::wait_for_hold(Lock& lock, Clock::time_point give_up) {
    if (created_.wait_until(lock, give_up) == std::cv_status::timeout && held_)
        return busy("an erasure of this subject takes long");
    return {};
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
    std::vector<VaultRow> rows;
    for (const domain::Bytes32& index : claimed) add_new_owner(rows, kind, index, random_);
    auto durable = rows_.put(rows);
    lock.lock();
    for (const domain::Bytes32& index : claimed) being_created_.erase(index);
    created_.notify_all();
    return durable;
}

void Keyring::forget(std::span<const std::string> row_keys) {
    const Lock lock(mutex_);
    for (const std::string& key : row_keys) {
        if (const auto index = index_of_row(key)) owners_.erase(*index);
        if (const auto owner = owner_of_row(key)) newest_.erase(*owner);
        if (const auto id = key_of_row(key)) keys_.erase(*id);
    }
}

}  // namespace decklog::store
