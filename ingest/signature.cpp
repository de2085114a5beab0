#include "ingest/signature.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include <charconv>
#include <memory>

#include "domain/check.hpp"
#include "ingest/limits.hpp"

namespace decklog::ingest {
namespace {

struct FreeMac {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

/// Fetching the algorithms takes locks and searches by name, so each thread does it once.
EVP_MAC_CTX* hmac_context() {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
    thread_local const MacContext context = [] {
        MacContext made(EVP_MAC_CTX_new(algorithm));
        DECKLOG_CHECK(made != nullptr);
        char digest[] = OSSL_DIGEST_NAME_SHA2_256;
        const OSSL_PARAM parameters[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_construct_end()};
        DECKLOG_CHECK(EVP_MAC_CTX_set_params(made.get(), parameters) == 1);
        return made;
    }();
    return context.get();
}

const std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

constexpr std::size_t kTimestampDigitsMax = 12;

}  // namespace

Sha256 hmac_sha256(std::string_view key, std::span<const std::string_view> parts) {
    EVP_MAC_CTX* const context = hmac_context();
    DECKLOG_CHECK(EVP_MAC_init(context, bytes_of(key), key.size(), nullptr) == 1);
    for (const std::string_view part : parts) {
        DECKLOG_CHECK(EVP_MAC_update(context, bytes_of(part), part.size()) == 1);
    }
    Sha256 mac{};
    std::size_t size = 0;
    DECKLOG_CHECK(EVP_MAC_final(context, mac.data(), &size, mac.size()) == 1 && size == mac.size());
    return mac;
}

bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return equal_in_constant_time({bytes_of(a), a.size()}, {bytes_of(b), b.size()});
}

std::optional<std::vector<std::uint8_t>> bytes_from_hex(std::string_view hex) {
    if (hex.size() < 2) return std::nullopt;
    std::vector<std::uint8_t> bytes(hex.size() / 2);
    std::size_t size = 0;
    const char* end = nullptr;
    const int result =
        sodium_hex2bin(bytes.data(), bytes.size(), hex.data(), hex.size(), nullptr, &size, &end);
    if (result != 0 || end != hex.data() + hex.size() || size * 2 != hex.size())
        return std::nullopt;
    return bytes;
}

std::optional<std::int64_t> timestamp_us(std::string_view seconds) {
    std::uint64_t value = 0;
    const char* const end = seconds.data() + seconds.size();
    const auto parsed = std::from_chars(seconds.data(), end, value);
    if (seconds.empty() || seconds.size() > kTimestampDigitsMax || parsed.ec != std::errc{} ||
        parsed.ptr != end) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(value) * 1'000'000;
}

bool is_fresh(std::int64_t timestamp_us, std::int64_t now_us) {
    const std::int64_t distance =
        now_us > timestamp_us ? now_us - timestamp_us : timestamp_us - now_us;
    return distance <= limits::kSignatureAgeUsMax;
}

}  // namespace decklog::ingest
