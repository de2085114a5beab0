#include "store/kafka/vault_seal.hpp"

#include <sodium.h>

#include <algorithm>

namespace decklog::store::kafka {
namespace {

template <class Output>
Output keyed_hash(const SecretKey& key, std::string_view purpose, std::string_view text) {
    crypto_generichash_state state;
    Output output{};
    const auto add = [&state](std::string_view part) {
        ::crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                                    part.size());
    };
    ::crypto_generichash_init(&state, key.bytes().data(), key.bytes().size(), output.size());
    add(purpose);
    add(text);
    ::crypto_generichash_final(&state, output.data(), output.size());
    ::sodium_memzero(&state, sizeof state);
    return output;
}

SecretKey derive(const SecretKey& key, std::string_view purpose) {
    auto bytes = keyed_hash<domain::Bytes32>(key, purpose, {});
    const SecretKey derived{std::span<const std::uint8_t, 32>(bytes)};
    ::sodium_memzero(bytes.data(), bytes.size());
    return derived;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

tl::unexpected<domain::Error> corrupt(const char* what) {
    return domain::fail(domain::ErrorCode::corrupt, what);
}

}  // namespace

bool is_claim(std::string_view row_key) {
    return row_key == master_row_key() || index_of_row(row_key).has_value();
}

VaultSeal::VaultSeal(const SecretKey& vault_key)
    : id_{keyed_hash<domain::Bytes16>(vault_key, "decklog vault id", {})},
      names_(derive(vault_key, "decklog vault names")),
      hashes_(derive(vault_key, "decklog vault hashes")),
      values_(derive(vault_key, "decklog vault values")) {}

ClaimId VaultSeal::claim_of(std::string_view row_value) const {
    return ClaimId{keyed_hash<domain::Bytes16>(hashes_, "claim", row_value)};
}

std::string VaultSeal::name_of(std::string_view row_key, std::string_view row_value) const {
    std::string name(row_key);
    if (is_claim(row_key)) name += as_text(claim_of(row_value).bytes);
    return name;
}

domain::Bytes VaultSeal::record_key(std::string_view row_key, std::string_view row_value) const {
    const std::string name = name_of(row_key, row_value);
    return seal_part(id_, names_, keyed_hash<store::Nonce>(hashes_, "name", name), as_bytes(name));
}

domain::Bytes VaultSeal::record_value(std::string_view row_key, std::string_view row_value,
                                      Random& random) const {
    store::Nonce nonce{};
    random.fill(nonce);
    const std::string text = name_of(row_key, row_value) + std::string(row_value);
    return seal_part(id_, values_, nonce, as_bytes(text));
}

domain::Result<bool> VaultSeal::is_mine(std::span<const std::uint8_t> record_key) const {
    const auto id = sealed_with(record_key);
    if (!id) return tl::unexpected(id.error());
    return *id == id_;
}

domain::Result<VaultChange> VaultSeal::open(std::span<const std::uint8_t> record_key,
                                            std::span<const std::uint8_t> record_value) const {
    const auto opened = open_part(names_, record_key);
    if (!opened) return tl::unexpected(opened.error());
    const std::string_view name = as_text(*opened);
    VaultChange change{std::string(name), {}, std::nullopt};
    constexpr std::size_t claim_bytes = std::tuple_size_v<domain::Bytes16>;
    if (name.size() > claim_bytes && is_claim(name.substr(0, name.size() - claim_bytes))) {
        change.row_key.resize(name.size() - claim_bytes);
        std::copy_n(opened->end() - claim_bytes, claim_bytes, change.claim.bytes.begin());
    } else if (is_claim(name)) {
        return corrupt("a claim without its id");
    }
    if (record_value.empty()) return change;
    const auto text = open_part(values_, record_value);
    if (!text) return tl::unexpected(text.error());
    if (!as_text(*text).starts_with(name)) return corrupt("a row under another row's name");
    change.value = std::string(as_text(*text).substr(name.size()));
    if (is_claim(change.row_key) && claim_of(*change.value) != change.claim)
        return corrupt("a claim under another claim's id");
    return change;
}

}  // namespace decklog::store::kafka
