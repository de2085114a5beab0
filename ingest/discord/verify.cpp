#include "ingest/discord/verify.hpp"

#include <sodium.h>

#include "ingest/signature.hpp"

namespace decklog::ingest::discord {
namespace {

bool verifies(const std::string& public_key_hex, std::span<const std::uint8_t> signature,
              std::string_view message) {
    const auto key = bytes_from_hex(public_key_hex);
    return key && key->size() == crypto_sign_PUBLICKEYBYTES &&
           signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(signature.data(),
                                       reinterpret_cast<const unsigned char*>(message.data()),
                                       message.size(), key->data()) == 0;
}

}  // namespace

Verification verify(const HookRequest& request, std::span<const std::string> public_keys,
                    std::int64_t now_us) {
    const std::string_view signature_hex = request.header("x-signature-ed25519");
    const std::string_view timestamp = request.header("x-signature-timestamp");
    if (signature_hex.empty() || timestamp.empty()) return {.refusal = "missing_signature"};

    Verification verification{.refusal = "bad_signature"};
    const auto signature = bytes_from_hex(signature_hex);
    const auto signed_at_us = timestamp_us(timestamp);
    if (!signature || !signed_at_us) return verification;
    const std::string message = std::string(timestamp).append(request.body);
    for (std::size_t i = 0; i < public_keys.size(); ++i) {
        if (verifies(public_keys[i], *signature, message))
            verification = {.refusal = {}, .secret = i, .signed_at_us = signed_at_us};
    }
    if (verification.refusal.empty() && !is_fresh(*signed_at_us, now_us))
        return {.refusal = "stale_timestamp"};
    return verification;
}

}  // namespace decklog::ingest::discord
