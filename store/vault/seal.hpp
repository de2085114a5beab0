// One sealed part, as it stands in events and raw bodies: algorithm 1 | key id 16 | nonce 24 |
// ciphertext and tag 16. Algorithm 1 is XChaCha20-Poly1305; algorithm byte and key id are
// authenticated with the text, so that a part cannot be passed off as sealed under another key.
// Kept forever in the log: this format only gets new algorithm numbers. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "domain/event.hpp"
#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/clock.hpp"

namespace decklog::store {

using KeyId = domain::Id16<struct KeyIdTag>;
using Nonce = std::array<std::uint8_t, 24>;

inline constexpr std::uint8_t kSealAlgorithm = 1;
inline constexpr std::size_t kSealOverheadBytes = 1 + 16 + 24 + 16;

/// A key that leaves no copy behind: wiped when it goes.
class SecretKey {
  public:
    SecretKey() = default;
    explicit SecretKey(std::span<const std::uint8_t, 32> bytes);
    [[nodiscard]] static SecretKey draw(Random& random);
    SecretKey(const SecretKey&) = default;
    SecretKey& operator=(const SecretKey&) = default;
    ~SecretKey();

    [[nodiscard]] std::span<const std::uint8_t, 32> bytes() const { return bytes_; }

  private:
    domain::Bytes32 bytes_{};
};

/// `nonce` must be random and used once.
[[nodiscard]] domain::Bytes seal_part(const KeyId& id, const SecretKey& key, const Nonce& nonce,
                                      std::span<const std::uint8_t> plain);

/// Which key opens it. Errors: corrupt (too short), other_format (an algorithm of a newer release).
[[nodiscard]] domain::Result<KeyId> sealed_with(std::span<const std::uint8_t> sealed);

/// `key` is the one that sealed_with named. Errors: those of sealed_with; corrupt when the bytes do
/// not authenticate.
[[nodiscard]] domain::Result<domain::Bytes> open_part(const SecretKey& key,
                                                      std::span<const std::uint8_t> sealed);

}  // namespace decklog::store
