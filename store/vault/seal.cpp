#include "store/vault/seal.hpp"

#include <sodium.h>

#include <algorithm>

namespace decklog::store {
namespace {

constexpr std::size_t kAuthenticatedBytes = 1 + 16;  // algorithm and key id
constexpr std::size_t kHeadBytes = kAuthenticatedBytes + 24;

static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == std::tuple_size_v<Nonce>);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == std::tuple_size_v<domain::Bytes32>);
static_assert(kHeadBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES == kSealOverheadBytes);

}  // namespace

SecretKey::SecretKey(std::span<const std::uint8_t, 32> bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

SecretKey SecretKey::draw(Random& random) {
    SecretKey key;
    random.fill(key.bytes_);
    return key;
}

SecretKey::~SecretKey() { ::sodium_memzero(bytes_.data(), bytes_.size()); }

domain::Bytes seal_part(const KeyId& id, const SecretKey& key, const Nonce& nonce,
                        std::span<const std::uint8_t> plain) {
    domain::Bytes sealed(plain.size() + kSealOverheadBytes);
    sealed[0] = kSealAlgorithm;
    std::copy(id.bytes.begin(), id.bytes.end(), sealed.begin() + 1);
    std::copy(nonce.begin(), nonce.end(), sealed.begin() + kAuthenticatedBytes);
    // Cannot fail for any input that fits in memory.
    ::crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kHeadBytes, nullptr, plain.data(),
                                                 plain.size(), sealed.data(), kAuthenticatedBytes,
                                                 nullptr, nonce.data(), key.bytes().data());
    return sealed;
}

domain::Result<KeyId> sealed_with(std::span<const std::uint8_t> sealed) {
    if (sealed.size() < kSealOverheadBytes) {
        return domain::fail(domain::ErrorCode::corrupt, "sealed part is too short");
    }
    if (sealed[0] != kSealAlgorithm) {
        return domain::fail(domain::ErrorCode::other_format, "sealed part uses algorithm " +
                                                                 std::to_string(sealed[0]) +
                                                                 ", this release knows only 1");
    }
    KeyId id;
    std::copy_n(sealed.begin() + 1, id.bytes.size(), id.bytes.begin());
    return id;
}

domain::Result<domain::Bytes> open_part(const SecretKey& key,
                                        std::span<const std::uint8_t> sealed) {
    if (const auto id = sealed_with(sealed); !id) return tl::unexpected(id.error());
    domain::Bytes plain(sealed.size() - kSealOverheadBytes);
    const auto text = sealed.subspan(kHeadBytes);
    const int failed = ::crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain.data(), nullptr, nullptr, text.data(), text.size(), sealed.data(),
        kAuthenticatedBytes, sealed.data() + kAuthenticatedBytes, key.bytes().data());
    if (failed != 0) {
        return domain::fail(domain::ErrorCode::corrupt, "sealed part does not authenticate");
    }
    return plain;
}

}  // namespace decklog::store
