#include "store/vault/vault_rows.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

namespace decklog::store {
namespace {

constexpr std::uint8_t kMasterFormat = 1;
constexpr std::size_t kOwnerHeadBytes = 1 + 32;

template <class Array>
void append(std::string& out, const Array& bytes) {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

template <class Array>
Array take(std::string_view& from) {
    Array bytes{};
    std::memcpy(bytes.data(), from.data(), bytes.size());
    from.remove_prefix(bytes.size());
    return bytes;
}

template <class Array>
std::string keyed(char family, const Array& id) {
    std::string key(1, family);
    append(key, id);
    return key;
}

template <class Array>
std::optional<Array> named_by(char family, std::string_view key) {
    if (key.size() != 1 + std::tuple_size_v<Array> || key[0] != family) return std::nullopt;
    key.remove_prefix(1);
    return take<Array>(key);
}

SecretKey take_secret(std::string_view from) {
    return SecretKey(
        std::span<const std::uint8_t, 32>(reinterpret_cast<const std::uint8_t*>(from.data()), 32));
}

std::optional<OwnerKind> kind_of(char byte) {
    switch (static_cast<std::uint8_t>(byte)) {
        case static_cast<std::uint8_t>(OwnerKind::subject):
            return OwnerKind::subject;
        case static_cast<std::uint8_t>(OwnerKind::raw_day):
            return OwnerKind::raw_day;
        default:
            return std::nullopt;
    }
}

tl::unexpected<domain::Error> corrupt(const std::string& which) {
    return domain::fail(domain::ErrorCode::corrupt, "vault: " + which + " row does not check");
}

class MemoryRows final : public VaultRows {
  public:
    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        std::string_view key) const override {
        const std::lock_guard lock(mutex_);
        const auto row = rows_.find(key);
        if (row == rows_.end()) return std::nullopt;
        return row->second;
    }
    [[nodiscard]] domain::Result<void> write(std::span<const VaultRow> rows,
                                             std::span<const std::string> erased) override {
        const std::lock_guard lock(mutex_);
        for (const VaultRow& row : rows) rows_.insert_or_assign(row.key, row.value);
        for (const std::string& key : erased) rows_.erase(key);
        return {};
    }
    [[nodiscard]] domain::Result<void> read_all(const VaultRowSink& sink) const override {
        const std::lock_guard lock(mutex_);
        for (const auto& [key, value] : rows_) {
            if (!sink(key, value)) break;
        }
        return {};
    }
    [[nodiscard]] domain::Result<void> purge(std::atomic<bool>*) override { return {}; }

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> rows_;
};

}  // namespace

std::string master_row_key() { return "M"; }
std::string ledger_row_key() { return "L"; }
std::string erasures_row_key() { return "E"; }
std::string index_row_key(const domain::Bytes32& index) { return keyed('I', index); }
std::string owner_row_key(const OwnerId& owner) { return keyed('O', owner.bytes); }
std::string key_row_key(const KeyId& id) { return keyed('K', id.bytes); }

std::optional<domain::Bytes32> index_of_row(std::string_view row_key) {
    return named_by<domain::Bytes32>('I', row_key);
}
std::optional<OwnerId> owner_of_row(std::string_view row_key) {
    const auto bytes = named_by<domain::Bytes16>('O', row_key);
    return bytes ? std::optional(OwnerId{*bytes}) : std::nullopt;
}
std::optional<KeyId> key_of_row(std::string_view row_key) {
    const auto bytes = named_by<domain::Bytes16>('K', row_key);
    return bytes ? std::optional(KeyId{*bytes}) : std::nullopt;
}

std::string encode_master(const SecretKey& master) {
    std::string row(1, static_cast<char>(kMasterFormat));
    append(row, master.bytes());
    return row;
}

std::string encode_ledger(const domain::LedgerId& ledger) {
    std::string row;
    append(row, ledger.bytes);
    return row;
}

std::string encode_index(const OwnerId& owner) {
    std::string row;
    append(row, owner.bytes);
    return row;
}

std::string encode_number(std::uint64_t number) {
    std::string row(sizeof number, '\0');
    for (std::size_t i = row.size(); i-- > 0; number >>= 8U) row[i] = static_cast<char>(number);
    return row;
}

std::string encode(const OwnerRow& owner) {
    std::string row(1, static_cast<char>(owner.kind));
    append(row, owner.index);
    for (const KeyId& id : owner.keys) append(row, id.bytes);
    return row;
}

std::string encode(const KeyRow& key) {
    std::string row(1, static_cast<char>(key.kind));
    append(row, key.owner.bytes);
    append(row, key.key.bytes());
    return row;
}

domain::Result<SecretKey> decode_master(std::string_view row) {
    if (row.empty()) return corrupt("master");
    if (row[0] != static_cast<char>(kMasterFormat)) {
        return domain::fail(domain::ErrorCode::other_format,
                            "vault: format " + std::to_string(static_cast<std::uint8_t>(row[0])) +
                                ", this release knows only 1");
    }
    if (row.size() != 1 + 32) return corrupt("master");
    row.remove_prefix(1);
    return take_secret(row);
}

domain::Result<OwnerId> decode_index(std::string_view row) {
    if (row.size() != 16) return corrupt("index");
    return OwnerId{take<domain::Bytes16>(row)};
}

domain::Result<std::uint64_t> decode_number(std::string_view row) {
    std::uint64_t number = 0;
    if (row.size() != sizeof number) return corrupt("progress");
    for (const char byte : row) number = number << 8U | static_cast<std::uint8_t>(byte);
    return number;
}

domain::Result<OwnerRow> decode_owner(std::string_view row) {
    if (row.size() < kOwnerHeadBytes || (row.size() - kOwnerHeadBytes) % 16 != 0) {
        return corrupt("owner");
    }
    const auto kind = kind_of(row[0]);
    if (!kind) return corrupt("owner");
    row.remove_prefix(1);
    OwnerRow owner{*kind, take<domain::Bytes32>(row), {}};
    while (!row.empty()) owner.keys.push_back(KeyId{take<domain::Bytes16>(row)});
    return owner;
}

domain::Result<KeyRow> decode_key(std::string_view row) {
    if (row.size() != 1 + 16 + 32) return corrupt("key");
    const auto kind = kind_of(row[0]);
    if (!kind) return corrupt("key");
    row.remove_prefix(1);
    const OwnerId owner{take<domain::Bytes16>(row)};
    return KeyRow{*kind, owner, take_secret(row)};
}

std::unique_ptr<VaultRows> make_memory_rows() { return std::make_unique<MemoryRows>(); }

}  // namespace decklog::store
