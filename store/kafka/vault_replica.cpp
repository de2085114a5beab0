#include "store/kafka/vault_replica.hpp"

#include <algorithm>
#include <chrono>

#include "store/limits.hpp"
#include "store/log.hpp"

namespace decklog::store::kafka {
namespace {

using domain::ErrorCode;

constexpr const char* kStateRow = "T";

std::string claims_key(const std::string& row_key) { return "C" + row_key; }

std::string encode_values(std::span<const std::string> values) {
    std::string row;
    for (const std::string& value : values) {
        row.push_back(static_cast<char>(value.size()));
        row += value;
    }
    return row;
}

domain::Result<void> decode_values(std::string_view row, std::vector<std::string>& values) {
    while (!row.empty()) {
        const std::size_t length = static_cast<std::uint8_t>(row.front());
        row.remove_prefix(1);
        if (row.size() < length) return domain::fail(ErrorCode::corrupt, "vault: odd claims row");
        values.emplace_back(row.substr(0, length));
        row.remove_prefix(length);
    }
    return {};
}

/// All claims on a row, the one that stands first.
template <class Get>
domain::Result<std::vector<std::string>> claims_on(const std::string& row_key, const Get& get) {
    std::vector<std::string> claims;
    const auto standing = get(row_key);
    if (!standing) return tl::unexpected(standing.error());
    if (!*standing) return claims;
    claims.push_back(**standing);
    const auto others = get(claims_key(row_key));
    if (!others) return tl::unexpected(others.error());
    if (!*others) return claims;
    if (auto decoded = decode_values(**others, claims); !decoded)
        return tl::unexpected(std::move(decoded).error());
    return claims;
}

tl::unexpected<domain::Error> other_key(const char* what) {
    return domain::fail(ErrorCode::invalid_argument,
                        std::string(what) + " with another DECKLOG_VAULT_KEY than this node's");
}

}  // namespace

bool is_own_row(std::string_view row_key) {
    return row_key == kStateRow || row_key == erasures_row_key() || row_key.starts_with("C");
}

domain::Result<VaultReplica> VaultReplica::recover(VaultRows& local, const VaultSeal& seal) {
    VaultReplica replica(local, seal);
    replica.state_.key = seal.id();
    const auto stored = local.get(kStateRow);
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) {
        const auto master = local.get(master_row_key());
        if (!master) return tl::unexpected(master.error());
        if (!*master) return replica;
        return domain::fail(ErrorCode::invalid_argument,
                            "vault/ holds keys, but not those of a topic: it belongs to a ledger "
                            "that is no cluster's");
    }
    const auto state = decode_vault_state(**stored);
    if (!state) return domain::fail(ErrorCode::corrupt, "vault: odd state of the topic");
    if (state->key != seal.id()) return other_key("vault/ was written by a node");
    replica.state_ = *state;
    return replica;
}

VaultReplica::Applied VaultReplica::apply(std::span<const Fetched> records) {
    Applied applied;
    changes_.clear();
    const VaultState before = state_;
    for (const Fetched& record : records) {
        if (auto taken = take(record); !taken) {
            applied.failed = std::move(taken).error();
            applied.failed->context = "the vault's topic, offset " + std::to_string(record.offset) +
                                      ": " + applied.failed->context;
            break;
        }
    }
    if (state_.next_offset == before.next_offset) return applied;
    if (auto written = write_changes(); !written) {
        state_ = before;
        applied.failed = std::move(written).error();
        return applied;
    }
    for (const auto& [key, value] : changes_) {
        if (!is_own_row(key)) applied.row_keys.push_back(key);
    }
    return applied;
}

domain::Result<void> VaultReplica::take(const Fetched& record) {
    const auto is_mine = seal_->is_mine(record.key);
    if (!is_mine) return tl::unexpected(is_mine.error());
    if (!*is_mine && !state_.is_begun()) return other_key("it was begun");
    if (*is_mine) {
        auto change = seal_->open(record.key, record.bytes);
        if (!change) return tl::unexpected(std::move(change).error());
        if (!state_.is_begun() && change->row_key != master_row_key())
            return domain::fail(ErrorCode::corrupt, "it does not begin with a master key");
        if (is_claim(change->row_key)) {
            if (auto taken = take_claim(*change); !taken) return taken;
        } else {
            changes_[change->row_key] = change->value;
        }
    } else {
        // Of a node that began beside us under another key and has been refused since.
        log_warn("vault", {}, "the vault's topic, offset {}: a record under another key",
                 record.offset);
    }
    const domain::Bytes16 hash = vault_record_hash(record);
    if (!state_.is_begun()) {
        state_.first_offset = record.offset;
        state_.first_record = hash;
    }
    state_.next_offset = record.offset + 1;
    state_.last_record = hash;
    return {};
}

domain::Result<void> VaultReplica::take_claim(const VaultChange& change) {
    auto claims = claims_on(change.row_key, [this](const std::string& key) { return row(key); });
    if (!claims) return tl::unexpected(std::move(claims).error());
    const bool had_others = claims->size() > 1;
    const auto is_it = [&](const std::string& value) {
        return seal_->claim_of(value) == change.claim;
    };
    if (!change.value) std::erase_if(*claims, is_it);
    const bool is_new = change.value && std::none_of(claims->begin(), claims->end(), is_it);
    if (is_new) claims->push_back(*change.value);
    changes_[change.row_key] = claims->empty() ? std::nullopt : std::optional(claims->front());
    if (claims->size() > 1) {
        changes_[claims_key(change.row_key)] = encode_values(std::span(*claims).subspan(1));
    } else if (had_others) {
        changes_[claims_key(change.row_key)] = std::nullopt;
    }
    return {};
}

domain::Result<std::optional<std::string>> VaultReplica::row(const std::string& key) const {
    if (const auto changed = changes_.find(key); changed != changes_.end()) return changed->second;
    return local_->get(key);
}

domain::Result<void> VaultReplica::write_changes() {
    std::vector<VaultRow> rows{{kStateRow, encode_vault_state(state_)}};
    std::vector<std::string> erased;
    for (const auto& [key, value] : changes_) {
        if (value) {
            rows.push_back({key, *value});
        } else {
            erased.push_back(key);
        }
    }
    return local_->write(rows, erased);
}

domain::Result<std::vector<VaultReplica::Gone>> VaultReplica::all_of(
    const std::string& row_key) const {
    if (!is_claim(row_key)) return std::vector<Gone>{{row_key, {}}};
    const auto claims =
        claims_on(row_key, [this](const std::string& key) { return local_->get(key); });
    if (!claims) return tl::unexpected(claims.error());
    std::vector<Gone> gone;
    // The one that stands last, so that no other comes to stand in between.
    for (std::size_t i = claims->size(); i-- > 0;) {
        gone.push_back({row_key, (*claims)[i]});
        if (i == 0) break;
        const auto owner = decode_index((*claims)[i]);
        if (!owner) return tl::unexpected(owner.error());
        const auto owner_row = local_->get(owner_row_key(*owner));
        if (!owner_row) return tl::unexpected(owner_row.error());
        if (!*owner_row) continue;
        const auto decoded = decode_owner(**owner_row);
        if (!decoded) return tl::unexpected(decoded.error());
        gone.push_back({owner_row_key(*owner), {}});
        for (const KeyId& id : decoded->keys) gone.push_back({key_row_key(id), {}});
    }
    return gone;
}

domain::Result<void> VaultReplica::note_seen(std::int64_t now_us) {
    state_.seen_at_us = now_us;
    changes_.clear();
    return write_changes();
}

bool VaultReplica::was_away(std::int64_t now_us) const {
    constexpr std::int64_t allowed = std::chrono::microseconds(limits::kVaultReadAgain).count();
    return state_.is_begun() && now_us - state_.seen_at_us > allowed;
}

domain::Result<void> VaultReplica::begin_again() {
    std::vector<std::string> rows;
    auto read = local_->read_all([&rows](std::string_view key, std::string_view) {
        const bool is_kept = key == kStateRow || key == erasures_row_key();
        if (!is_kept) rows.emplace_back(key);
        return true;
    });
    if (!read) return read;
    state_.next_offset = 0;
    changes_.clear();
    for (std::string& key : rows) changes_[std::move(key)] = std::nullopt;
    return write_changes();
}

}  // namespace decklog::store::kafka
