#include "api/auth/token_text.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace decklog::api {
namespace {

constexpr std::string_view kPrefix = "dlk_";
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretChars = 43;
constexpr std::size_t kIdCharsMax = 64;

bool is_word(std::string_view text, std::string_view also) {
    return std::all_of(text.begin(), text.end(), [also](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               also.find(c) != std::string_view::npos;
    });
}

}  // namespace

NewToken make_token(store::Random& random) {
    std::array<std::uint8_t, kIdBytes> id{};
    std::array<std::uint8_t, kSecretBytes> secret{};
    random.fill(id);
    random.fill(secret);
    std::array<char, kSecretChars + 1> encoded{};
    sodium_bin2base64(encoded.data(), encoded.size(), secret.data(), secret.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    NewToken token;
    token.id = domain::to_hex(id);
    token.text.append(kPrefix).append(token.id).append("_").append(encoded.data(), kSecretChars);
    sodium_memzero(secret.data(), secret.size());
    return token;
}

std::optional<std::string_view> token_id_of(std::string_view text) {
    if (!text.starts_with(kPrefix)) return std::nullopt;
    text.remove_prefix(kPrefix.size());
    const std::size_t end = text.find('_');
    if (end == std::string_view::npos || end == 0 || end > kIdCharsMax) return std::nullopt;
    const std::string_view secret = text.substr(end + 1);
    const std::string_view id = text.substr(0, end);
    if (secret.size() != kSecretChars || !is_word(secret, "-_") || !is_word(id, "")) {
        return std::nullopt;
    }
    return id;
}

domain::Bytes32 token_hash(const store::Vault& vault, std::string_view text) {
    const std::array parts{text};
    return vault.keyed_hash32(store::HashPurpose::token, parts);
}

}  // namespace decklog::api
